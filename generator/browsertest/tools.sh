#!/bin/sh
# Makes sure that what the tests need beside Go and Node is there: installs what is missing with apt where
# that is possible, and says plainly what to install where it is not.
set -u
missing=""
have() { command -v "$1" >/dev/null 2>&1; }
have cc || have gcc || missing="$missing gcc libc6-dev"
[ -n "${CHROMIUM:-}" ] || have chromium || have chromium-browser || have google-chrome || missing="$missing chromium"
have java || missing="$missing default-jre-headless"
if have fc-list; then
  fc-list :lang=zh | grep -q . || missing="$missing fonts-noto-cjk"
else
  missing="$missing fontconfig fonts-noto-cjk"
fi
[ -n "$missing" ] || exit 0
echo "installing for the tests:$missing"
if ! have apt-get; then
  echo "make test needs these programs, and there is no apt-get to install them with:$missing" >&2
  exit 1
fi
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo"
export DEBIAN_FRONTEND=noninteractive
if ! { $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends $missing; } >/tmp/gongzhi-apt.log 2>&1; then
  tail -20 /tmp/gongzhi-apt.log >&2
  echo "apt-get could not install:$missing" >&2
  exit 1
fi
