#!/usr/bin/env bash
# Builds a mirror of tiny packages in the folder $1, and has apt take packages from there and from nowhere else. Their
# scripts write what policy-rc.d answers to $1/policy, and cut the installation where $1/cut names them: `dpkg` alone is
# killed, or `run`, that is dpkg, apt-get and the module that called it.
set -euo pipefail
folder=$1
mkdir -p "$folder/build"
cd "$folder"

script() { # name of the script
    cat <<SCRIPT
#!/bin/sh
set -e
if [ -x /usr/sbin/policy-rc.d ]; then
    answer=0
    /usr/sbin/policy-rc.d stackwright-it start || answer=\$?
    echo \$answer >$folder/policy
fi
if grep --quiet "^$1 " $folder/cut 2>/dev/null; then
    victims=\$PPID
    pid=\$PPID
    # Up to the module, whose parent is the shell that reports its end.
    until grep --quiet "^$1 dpkg$" $folder/cut || grep --quiet '^python3' /proc/\$pid/comm; do
        pid=\$(sed 's/.*) . //; s/ .*//' /proc/\$pid/stat)
        # The module dies first: it would tidy up where it sees the others end.
        victims="\$pid \$victims"
    done
    rm $folder/cut
    kill -KILL \$victims
    exit 1
fi
SCRIPT
}

package() { # name, what it depends on
    local root=build/$1
    mkdir -p "$root/DEBIAN" "$root/usr/share/$1"
    echo 1 >"$root/usr/share/$1/file"
    printf '%s\n' "Package: $1" "Version: 1" "Architecture: all" "Maintainer: nobody <nobody@example.org>" \
        "Depends: $2" "Description: a package of the tests" >"$root/DEBIAN/control"
    script "$1-preinst" >"$root/DEBIAN/preinst"
    script "$1-postinst" >"$root/DEBIAN/postinst"
    chmod 0755 "$root"/DEBIAN/*inst
    dpkg-deb --root-owner-group --build "$root" "$1.deb" >/dev/null
    cat "$root/DEBIAN/control"
    printf '%s\n' "Filename: ./$1.deb" "Size: $(stat --format %s "$1.deb")" \
        "SHA256: $(sha256sum "$1.deb" | cut --delimiter ' ' --fields 1)" ""
}

{ package stackwright-it-first dpkg && package stackwright-it-second stackwright-it-first; } >Packages

cat >/etc/apt/apt.conf.d/99-stackwright-it <<CONF
Dir::Etc::SourceList "$folder/sources.list";
Dir::Etc::SourceParts "-";
APT::Get::List-Cleanup "0";
CONF
echo "deb [trusted=yes] file:$folder ./" >sources.list
apt-get update
