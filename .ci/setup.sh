#!/bin/sh
# Make .venv and fill it from the exact lock file: `.ci/setup.sh run`, or `.ci/setup.sh test`
# for what the tests need as well. A second call finds its stamp and ends at once.
set -eu
cd "$(dirname "$0")/.."
wanted=${1:-run}

fail() {
    echo "Notalone: $*" >&2
    exit 1
}

is_root() { [ "$(id -u)" = 0 ]; }

can_apt() { is_root && command -v apt-get >/dev/null 2>&1; }

apt_install() {
    echo "Installing $* ..."
    export DEBIAN_FRONTEND=noninteractive
    # the lists of a fresh image are empty, those of an old one point at packages that are gone
    apt-get -qq update >/dev/null 2>&1 || true
    apt-get -qq -y --no-install-recommends install "$@" >/dev/null 2>.apt-said ||
        { tail -n 3 .apt-said >&2; rm -f .apt-said; fail "apt-get could not install: $*"; }
    rm -f .apt-said
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for name in ${PYTHON:-python3.11 python3.12 python3.13 python3 /usr/bin/python3.11}; do
        if is_new_enough "$name"; then
            echo "$name"
            return
        fi
    done
    fail "Python 3.11 or newer is needed and not found. Debian 12: apt-get install python3.11 python3.11-venv"
}

make_venv() {
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        can_apt || fail "Python's venv is missing. Debian: sudo apt-get install python$version-venv"
        apt_install "python$version-venv"
    fi
    echo "Making .venv with $("$python" --version) ..."
    "$python" -m venv --clear .venv >/dev/null 2>&1 || fail "could not make .venv in $(pwd): may this user write here?"
}

install_lock() {
    lock=$1
    stamp=.venv/$(basename "$lock").installed
    sum=$(cat requirements.lock "$lock" | cksum)
    if [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ]; then
        return
    fi
    echo "Installing what $lock lists; once, this takes a minute ..."
    .venv/bin/python -m pip --disable-pip-version-check --no-input install -q -q --prefer-binary -r "$lock" ||
        fail "could not install what $lock lists: is this machine online?"
    echo "$sum" >"$stamp"
}

has_one_of() {
    for name; do
        if command -v "$name" >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

# The headless shell does the tests' pages with a sixth of the work; the whole browser does as well.
prefer_headless_shell() {
    if has_one_of chromium-headless-shell || ! has_one_of chromium || ! can_apt; then return; fi
    [ -e .venv/headless-shell.tried ] && return
    touch .venv/headless-shell.tried
    (apt_install chromium-headless-shell) 2>/dev/null || echo "Using the whole Chromium: the tests take longer."
}

install_tools() {
    missing=""
    prefer_headless_shell
    has_one_of chromium-headless-shell chromium || missing="$missing chromium-headless-shell"
    has_one_of node || missing="$missing nodejs"
    has_one_of xgettext || missing="$missing gettext"
    if ! has_one_of fc-list || [ -z "$(fc-list :lang=ja family 2>/dev/null)" ]; then
        missing="$missing fontconfig fonts-ipafont-gothic"
    fi
    # the pages speak thirteen languages: without these fonts their pictures show boxes (Hangul, Thai, Devanagari)
    for sign in d55c 0e01 0915; do
        if ! has_one_of fc-list || [ -z "$(fc-list ":charset=$sign" family 2>/dev/null)" ]; then
            missing="$missing fonts-wqy-microhei fonts-tlwg-garuda-ttf fonts-lohit-deva"
            break
        fi
    done
    # pages become PDF by it
    .venv/bin/python -c 'import ctypes; ctypes.CDLL("libpangoft2-1.0.so.0")' 2>/dev/null ||
        missing="$missing libpango-1.0-0 libpangoft2-1.0-0"
    [ -z "$missing" ] && return
    can_apt || fail "the tests need a browser, Node.js, fonts, Pango and gettext. Debian: sudo apt-get install$missing"
    # shellcheck disable=SC2086 # a list of names
    apt_install $missing
}

if ! .venv/bin/python -c '' >/dev/null 2>&1; then make_venv; fi
case $wanted in
run) install_lock requirements.lock ;;
test)
    install_lock requirements-dev.lock
    install_tools
    ;;
*) fail "say run or test, not $wanted" ;;
esac
