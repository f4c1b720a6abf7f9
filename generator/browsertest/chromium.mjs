// The Chromium of this machine, for every test that needs a browser.

import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright-core';

/** Starts the browser. CHROMIUM names its program; else it is looked for on the PATH. */
export async function browser() {
  const executablePath = process.env.CHROMIUM || ['chromium', 'chromium-browser', 'google-chrome'].map(which).find(Boolean);
  if (!executablePath) {
    throw new Error('These tests need Chromium. Install it (Debian: apt-get install chromium), or let the environment variable CHROMIUM name its program.');
  }
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

function which(name) {
  try {
    return execFileSync('sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}
