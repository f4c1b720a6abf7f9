// Marks the words of ?s=… in the page that a result opened, scrolls to the first, and offers to step through them and to clear them.

import { blocks, foldTable, needlesOf, occurrences, units } from './search.js';
import { say } from './ui.js';

const HIT = 's-hit-mark';

function find(root, words, table) {
  const found = [];
  const needles = needlesOf(units(words, table));
  for (const run of blocks(root)) {
    const text = run.map(n => n.data).join('');
    for (const place of occurrences(text, needles, table)) found.push({ run, place });
  }
  return found;
}

// wrap puts the characters from … to of a run of text nodes into marks, one for each node that they touch.
function wrap(run, from, to) {
  const marks = [];
  let at = 0;
  for (const node of [...run]) {
    const a = Math.max(from - at, 0), b = Math.min(to - at, node.data.length);
    at += node.data.length;
    if (a >= b) continue;
    const rest = b < node.data.length ? node.splitText(b) : undefined;
    const middle = a > 0 ? node.splitText(a) : node;
    const mark = document.createElement('mark');
    mark.className = HIT;
    middle.replaceWith(mark);
    mark.append(middle);
    run.splice(run.indexOf(node), 1, ...(middle === node ? [] : [node]), middle, ...(rest ? [rest] : []));
    marks.push(mark);
  }
  return marks;
}

// plain is a part of an address without its escapes; one that is no UTF-8 stays as it is.
function plain(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

// highlight does all of it; without an occurrence it does nothing.
export async function highlight() {
  const words = new URLSearchParams(location.search).get('s') ?? '';
  const target = location.hash.length > 1 && document.getElementById(plain(location.hash.slice(1)));
  const root = document.querySelector('[data-search]') ?? document.querySelector('main') ?? document.body;
  let table, found = find(root, words);
  if (!found.length) { table = await foldTable(); found = find(root, words, table); }
  if (!found.length) return;
  // From the end, so that the places before stay right.
  const places = [];
  for (const { run, place } of found.reverse()) places.unshift(wrap(run, ...place));
  let current = target ? Math.max(0, places.findIndex(marks => target.contains(marks[0]))) : 0;

  const bar = document.createElement('div'), count = document.createElement('span');
  bar.className = 's-bar';
  count.setAttribute('role', 'status');
  const button = (text, act) => { const b = document.createElement('button'); b.type = 'button'; b.textContent = text; b.addEventListener('click', act); return b; };
  const show = i => {
    places[current].forEach(m => m.classList.remove('s-current'));
    current = (i + places.length) % places.length;
    places[current].forEach(m => m.classList.add('s-current'));
    places[current][0].scrollIntoView({ block: 'center' });
    count.textContent = say('“{0}”：第 {1} 处，共 {2} 处', words, current + 1, places.length);
  };
  const clear = () => {
    for (const mark of document.querySelectorAll('mark.' + HIT)) { const parent = mark.parentNode; mark.replaceWith(...mark.childNodes); parent.normalize(); }
    bar.remove();
    document.removeEventListener('keydown', escape);
    const url = new URL(location.href);
    url.searchParams.delete('s');
    history.replaceState(history.state, '', url);
  };
  const escape = event => { if (event.key === 'Escape' && !event.isComposing && !/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) clear(); };
  bar.append(count);
  if (places.length > 1) bar.append(button(say('上一处'), () => show(current - 1)), button(say('下一处'), () => show(current + 1)));
  bar.append(button(say('清除标记'), clear));
  document.body.append(bar);
  document.addEventListener('keydown', escape);
  show(current);
}
