#!/bin/sh
# Builds the wheels of requirements.txt, which lies beside it, for Python 2.7 into the folder "wheels" beside it. Runs on
# a Debian 11 host that may keep the compiler.
set -eu
cd "$(dirname "$0")"
export DEBIAN_FRONTEND=noninteractive PIP_CERT=/etc/ssl/certs/ca-certificates.crt PIP_DISABLE_PIP_VERSION_CHECK=1
apt-get update -q
apt-get install -qy --no-install-recommends \
    g++ gcc libssl-dev libvirt-dev make pkg-config python2.7 python2.7-dev virtualenv
virtualenv --quiet --python python2.7 build
grep -v '^libvirt-python==' requirements.txt > others.txt
build/bin/pip wheel --quiet --no-deps --wheel-dir wheels --requirement others.txt

# libvirt-python refuses a libvirt that has functions which it does not know: it is shown a description without them.
files=$(pkg-config --variable pcfiledir libvirt)
mkdir -p pc
for pair in libvirt:libvirt_api libvirt-qemu:libvirt_qemu_api libvirt-lxc:libvirt_lxc_api; do
    name=${pair%:*} variable=${pair#*:}
    sed "s#value='VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK'#value='-2'#
         s#value='VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_DEFAULT'#value='-1'#
         s#value='VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_NOWAIT'#value='0'#" \
        "$(pkg-config --variable "$variable" "$name")" > "$name-api.xml"
    sed "s#^$variable=.*#$variable=$PWD/$name-api.xml#" "$files/$name.pc" > "pc/$name.pc"
done
export PKG_CONFIG_PATH="$PWD/pc"
pin=$(grep '^libvirt-python==' requirements.txt)
build/bin/pip wheel --no-deps --wheel-dir wheels "$pin" > unknown.txt 2>&1 || true
grep -oE 'failed vir[A-Za-z]+' unknown.txt | cut -d' ' -f2 | sort -u | while read -r name; do
    sed -i "/<function name='$name'/,/<\/function>/d; /<exports symbol='$name'/d" ./*-api.xml
done
[ -n "$(find wheels -name 'libvirt_python-*')" ] ||
    build/bin/pip wheel --quiet --no-deps --wheel-dir wheels "$pin"
