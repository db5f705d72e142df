#!/bin/sh
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
