# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two scripts of the guest; they are code and no files because a module takes only code along to the host."""

from __future__ import annotations

INIT = r"""#!/bin/sh
# First process of the guest: says on the console what the cloud gave it, then serves its identity on port 80.
# Every line for a reader begins with STACKWRIGHT-GUEST; a step that fails says error= and the guest stays alive.
export PATH=/bin
patience=120

say() { echo "STACKWRIGHT-GUEST $*"; }
stay() { while :; do sleep 3600; done; }
fail() { say "error=$*"; stay; }
field() { echo "$metadata" | grep -o "\"$1\": *\"[^\"]*\"" | head -n 1 | cut -d '"' -f 4; }

mount -t devtmpfs none /dev
mount -t proc none /proc
mount -t sysfs none /sys
dmesg -n 1
while read -r module; do
    insmod "/modules/$module" || say "error=module $module does not load"
done </modules/order
say "kernel=$(uname -r)"
# The power button: a cloud that asks to stop does not have to wait.
acpid -l /dev/null 2>/dev/null

ip link set lo up
tries=0
until [ -e /sys/class/net/eth0 ]; do
    tries=$((tries + 1))
    [ "$tries" -gt 50 ] && fail "no network device within 10 s"
    sleep 0.2
done
ip link set eth0 up

# Option 26 is the MTU, option 121 the routes: without them neither VXLAN nor the metadata service works.
udhcpc -i eth0 -s /dhcp -O mtu -O staticroutes -t $((patience / 3)) -T 3 -n >/dev/null 2>&1 ||
    fail "no DHCP lease within $patience s"
address=$(ip -4 -o address show dev eth0 | sed -n 's/.* inet \([0-9.]*\).*/\1/p')
say "address=$address"
say "mtu=$(cat /sys/class/net/eth0/mtu)"

url=http://169.254.169.254/openstack/latest/meta_data.json
deadline=$(($(cut -d . -f 1 /proc/uptime) + patience))
# Not `wget -T`: Debian's static busybox crashes on it.
until metadata=$(timeout 5 wget -q -O - "$url" 2>/dev/null) && [ -n "$(field uuid)" ]; do
    if [ "$(cut -d . -f 1 /proc/uptime)" -ge "$deadline" ]; then
        say "error=no metadata from $url within $patience s"
        break
    fi
    sleep 1
done
if [ -n "$(field uuid)" ]; then
    hostname "$(field hostname)"
    say "instance-id=$(field uuid)"
    say "hostname=$(field hostname)"
fi

mkdir -p /www
field uuid >/www/index.html
# Tells whether it is still the same boot.
cat /proc/sys/kernel/random/boot_id >/www/boot_id
if httpd -p 80 -h /www; then
    say "listening=80"
else
    say "error=port 80 cannot be served"
fi
stay
"""

DHCP = r"""#!/bin/sh
# Called by udhcpc with what the DHCP server said in the environment.
export PATH=/bin
: "${interface:?}"

case "$1" in
deconfig)
    ip address flush dev "$interface"
    ;;
bound | renew)
    [ -n "$mtu" ] && ip link set "$interface" mtu "$mtu"
    ip address flush dev "$interface"
    ip address add "${ip:?}/${mask:?}" dev "$interface"
    # Classless routes replace the router option (RFC 3442); they come as pairs of network and gateway.
    # shellcheck disable=SC2086
    set -- ${staticroutes:-${router:+0.0.0.0/0 ${router%% *}}}
    while [ $# -ge 2 ]; do
        if [ "$2" = 0.0.0.0 ]; then
            ip route replace "$1" dev "$interface"
        else
            ip route replace "$1" via "$2" dev "$interface" onlink
        fi
        shift 2
    done
    ;;
esac
exit 0
"""
