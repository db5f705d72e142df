# shellcheck shell=bash
# What package, sanity and matrix share. The collection is built of the files that git knows or would take: caches and
# virtual environments of the checkout are no part of it.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=$root/.cache/collection
mkdir -p "$cache"
# In a directory of its own: ansible-test takes nothing from below a repository that ignores it.
work=$(mktemp --directory --tmpdir stackwright-collection.XXXXXX)
trap 'rm --recursive --force "$work"' EXIT

fail() {
    echo "Cannot accept the collection: $1" >&2
    exit 1
}

# The checkout as ansible-test wants it: below ansible_collections, without what git does not know.
copy_checkout() {
    local to=$work/source/ansible_collections/stackwright/nova
    mkdir -p "$to"
    # What git knows and is deleted here is left out.
    git -c "safe.directory=$root" -C "$root" ls-files -z --cached --others --exclude-standard |
        tar --create --directory "$root" --null --files-from - --ignore-failed-read |
        tar --extract --directory "$to"
    echo "$to"
}

# A virtual environment with what a requirements file names, made anew when the file changes.
environment() {
    local path=$cache/$1 requirements=$2 python=${3:-python3}
    if ! cmp --quiet "$requirements" "$path/made-of"; then
        rm --recursive --force "$path"
        "$python" -m venv "$path"
        "$path/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
        cp "$requirements" "$path/made-of"
    fi
    echo "$path/bin"
}

# The Pythons that are here, as VERSION=PATH: those in PATH, and those that pyenv keeps elsewhere.
pythons() {
    local version candidate
    for version in 3.9 3.10 3.11 3.12 3.13 3.14; do
        while read -r candidate; do
            "$candidate" -c 'import venv' 2>/dev/null || continue
            echo "$version=$candidate"
            break
        done < <(type -ap "python$version"; ls "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python3 2>/dev/null)
    done
}
