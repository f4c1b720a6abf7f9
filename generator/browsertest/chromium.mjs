// The Chromium of this machine, for every test that needs a browser; and its Firefox, for what must be the same in both.

import { execFileSync } from 'node:child_process';
import { chromium, firefox as gecko } from 'playwright-core';

/** Starts the browser. CHROMIUM names its program; else it is looked for on the PATH. */
export async function browser() {
  const executablePath = process.env.CHROMIUM || ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'].map(which).find(Boolean);
  if (!executablePath) {
    throw new Error('These tests need Chromium. Install it (Debian: apt-get install chromium-headless-shell, or chromium), or let the environment variable CHROMIUM name its program.');
  }
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** Starts Firefox as the distribution has it, which needs no patched build: it is driven by WebDriver BiDi. FIREFOX names its program. */
export async function firefox() {
  const executablePath = [process.env.FIREFOX, 'firefox-esr', 'firefox'].map(name => name && which(name)).find(Boolean);
  if (!executablePath) throw new Error('This test needs Firefox. Install it (Debian: apt-get install firefox-esr), or let the environment variable FIREFOX name its program.');
  return gecko.launch({ channel: 'moz-firefox', executablePath });
}

function which(name) {
  try {
    return execFileSync('sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}
