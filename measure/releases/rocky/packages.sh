#!/bin/sh
# Makes an archive of Debian packages of Rocky, in the folder "archive" beside this file, from the wheels and the folder
# "packages" beside it. Runs after wheels.sh on the same kind of host, which needs no compiler.
set -eu
cd "$(dirname "$0")"
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
apt-get install -qy --no-install-recommends apt-utils libvirt0 python2.7 virtualenv

rocky=/opt/rocky
virtualenv --quiet --python python2.7 $rocky
$rocky/bin/pip install --quiet --no-deps --no-index --find-links wheels --requirement requirements.txt
# The kernel of the tests reads pyroute2's flags for deletion as those of another request.
routes=$rocky/lib/python2.7/site-packages/pyroute2/iproute/linux.py
sed -i -E 's/\((RTM_DEL[A-Z]+), [a-z_]+\)/(\1, NLM_F_REQUEST | NLM_F_ACK)/' $routes
$rocky/bin/python -m py_compile $routes

mkdir -p packages/openstack-rocky/opt packages/openstack-rocky/usr/bin packages/nova-common/etc/nova/rootwrap.d
cp -a $rocky packages/openstack-rocky/opt/
for program in glance glance-api glance-manage keystone-manage neutron-db-manage neutron-dhcp-agent \
    neutron-linuxbridge-agent neutron-metadata-agent neutron-rootwrap neutron-rootwrap-daemon neutron-server nova-api \
    nova-compute nova-conductor nova-consoleauth nova-manage nova-rootwrap nova-scheduler openstack privsep-helper; do
    [ -x $rocky/bin/$program ]
    ln -s ../../opt/rocky/bin/$program packages/openstack-rocky/usr/bin/
done
cp $rocky/etc/nova/api-paste.ini packages/nova-common/etc/nova/
cp $rocky/etc/nova/rootwrap.d/compute.filters packages/nova-common/etc/nova/rootwrap.d/
chmod 0440 packages/nova-common/etc/sudoers.d/nova

mkdir -p archive
for folder in packages/*; do
    dpkg-deb -Zgzip -z1 --root-owner-group --build "$folder" archive
done
cd archive
apt-ftparchive packages . > Packages
apt-ftparchive -o APT::FTPArchive::Release::Origin=Rocky release . > Release
