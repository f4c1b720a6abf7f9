#!/bin/sh
# Makes sure that what the tests need beside Go and Node is there: installs what is missing with apt where
# that is possible, and says plainly what to install where it is not.
set -u
missing=""
have() { command -v "$1" >/dev/null 2>&1; }
have cc || have gcc || missing="$missing gcc libc6-dev"
have java || missing="$missing default-jre-headless"
if have fc-list; then
  fc-list :lang=zh | grep -q . || missing="$missing fonts-noto-cjk"
else
  missing="$missing fontconfig fonts-noto-cjk"
fi

# Chromium without windows takes half the time of the one with them, which does too. Who has that one is not asked for a password for it.
browser=chromium-headless-shell
if [ -n "${CHROMIUM:-}" ] || have $browser; then
  browser=""
elif have chromium || have chromium-browser || have google-chrome; then
  have apt-get && [ "$(id -u)" = 0 ] || browser=""
else
  missing="$missing chromium"
fi
[ -n "$missing$browser" ] || exit 0
if ! have apt-get; then
  echo "make test needs these programs, and there is no apt-get to install them with:$missing" >&2
  exit 1
fi
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
install() { $sudo apt-get install -y -qq --no-install-recommends "$@" >>"$log" 2>&1; }

$sudo apt-get update -qq -o Acquire::Retries=0 -o Acquire::http::Timeout=15 >"$log" 2>&1
if [ -n "$browser" ]; then
  echo "installing for the tests: $browser"
  if install $browser; then
    missing=$(echo "$missing" | sed 's/ chromium$//')
  else
    echo "apt-get could not install $browser: the tests of pages use another Chromium, and take twice as long"
  fi
fi
[ -n "$missing" ] || exit 0
echo "installing for the tests:$missing"
if ! install $missing; then
  tail -20 "$log" >&2
  echo "apt-get could not install:$missing" >&2
  exit 1
fi
