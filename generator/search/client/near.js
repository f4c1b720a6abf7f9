// What is offered when nothing is exactly as it was asked for, docs/search-format.md section 10: loaded only then. near.go is the twin.
import { NONE, bestPages, classOf, filterSets, folded, inflate, kindOf, matched, needlesOf, phrase, points, ranked, readings, union, units, weightOf } from './search.js';

const OFFERS = 6, UNITS = 24, CANDIDATES = 6, WHOLE = 20, TITLE = 1, FIELD = 2;
const needle = word => needlesOf([word])[0];
const text = words => needlesOf(words).join(' ');
const single = u => u >= 0x530 && !(u >= 0x1E00 && u < 0x2000) && !(u >= 0xD800 && u < 0xF900);
const han = word => word.length > 1 && word.length <= UNITS && word.every(single);
const whole = list => list.info.some(v => classOf(v >> 2) === 5);
// ways are other ways to write what a query says, tried in turn.
const WAYS = [[/第一[届次]/g, '首届'], [/第一[届次]|首届/g, '首次'], [/首[届次]/g, '第一届'], [/首[届次]|第一届/g, '第一次'], [/第([一二三四五六七八九十百]+)届/g, '第$1次'], [/第([一二三四五六七八九十百]+)次/g, '第$1届'],
  [/([一二三四五六七八九十]+)大$/g, ' 第$1次 大会']], PLACES = [...'省市县区'].map(c => c.charCodeAt(0));
const yearText = t => /^(?:18|19|20)[0-9][0-9]$/.test(t);
const wordOf = async (index, word) => union(await Promise.all(readings(word).map(r => phrase(index, r))));

// nearby takes the words of a query without hits and what each of them has found.
export async function nearby(index, words, lists, sets, limit, table) {
  const offers = [], result = { related: [], ahead: 0, instead: '', among: [], marks: [], offers };
  const offer = (query, why) => { if (offers.length < OFFERS && !offers.some(o => o.query === query)) offers.push({ query, why }); };
  const passes = doc => [...sets.values()].every(set => set[doc]);
  const best = (found, n) => ranked(found).slice(0, n);
  const related = found => ranked(found).filter(passes).slice(0, limit);

  const asked = withoutAsks(index, words), others = asked.length && text(asked) !== text(words);
  if (others) {
    words = asked;
    lists = await listsOf(index, words);
  }
  const led = (first, found, rest, among = []) => ({ ...result, instead: text(rest), ahead: first.length, among, marks: needlesOf(rest), related: [...first, ...related(found)].slice(0, limit) });
  const folk = await people(index, words, lists, passes, Math.min(2, limit));
  if (folk.found) return led(folk.pages, folk.found, folk.rest, index.root.people);
  for (const other of [...others ? [words] : [], ...otherwise(words), ...folk.parts ? [folk.parts] : []]) {
    const of = other === words ? lists : await listsOf(index, other), all = matched(index, of);
    if (all.docs.length) return led(other.length > 1 ? bestPages(index, of, all.docs).filter(passes).slice(0, limit) : [], all, other);
  }
  const pieces = [], found = [];
  for (const [i, word] of words.entries()) {
    if (lists[i].docs.length) {
      pieces.push(word); found.push(lists[i]);
      if (words.length > 1) offer(needle(word), 'part');
      continue;
    }
    let list = await alike(index, word, offer, best);
    if (!list.docs.length) list = await oneOff(index, word, offer, best, table);
    if (list.docs.length) { pieces.push(word); found.push(list); continue; }
    for (const [piece, of] of await cut(index, word)) {
      if (piece.length > 1) offer(needle(piece), 'part');
      pieces.push(piece); found.push(of);
    }
  }
  return { ...result, marks: needlesOf(pieces), related: related(summed(index, pieces, found)) };
}

// listsOf finds the documents with each word; a year is in those of that year too.
const listsOf = (index, words) => Promise.all(words.map(async w => {
  const list = await wordOf(index, w), year = needle(w).replace(/年$/, '');
  if (!yearText(year)) return list;
  const docs = [];
  (await filterSets(index, { year: [year, year] })).get('year')?.forEach((is, doc) => { if (is) docs.push(doc); });
  return union([list, { docs, info: docs.map(() => FIELD << 2 | 3) }]);
}));

// otherwise gives words as they may be written too.
const otherwise = words => WAYS.map(([from, to]) => words.flatMap(w => units(needle(w).replace(from, to)))).filter(other => other.length && text(other) !== text(words));

// people looks for those who have in common what words say that end in what people are called by. What is itself a title is asked for as such: 全国劳模.
// A page with all of it in its title comes first.
async function people(index, words, lists, passes, limit) {
  const { folk, people: types } = index.root, parts = [];
  let cut = false;
  const rest = words.flatMap((word, i) => {
    let t = needle(word), last;
    for (let k = 0; k < folk.length && !whole(lists[i]); k++) {
      const shorter = t.slice(0, -folk[k].length);
      if (!t.endsWith(folk[k]) || folk[k].length === 1 && [...shorter].length === 1) continue;
      if (!last) parts.push(...units(`${shorter} ${last = folk[k]}`));
      t = shorter; cut = true; k = -1;
    }
    if (!last) parts.push(word);
    return units(t);
  });
  if (!cut || !rest.length) return {};
  const set = types.length && (await filterSets(index, { type: types })).get('type');
  if (!set) return { parts };
  const found = await those(index, rest, parts, set, passes, limit);
  if (found) return found;
  const short = await bare(index, rest);
  return text(short) !== text(rest) && await those(index, short, parts, set, passes, limit) || { parts };
}

// bare takes 县 and the like from the names of places, but not where the index knows another place of that name.
const bare = (index, words) => Promise.all(words.map(async w => {
  if (w.length < 3 || !PLACES.includes(w.at(-1))) return w;
  const known = await Promise.all(PLACES.filter(p => p !== w.at(-1)).map(p => phrase(index, [...w.slice(0, -1), p])));
  return known.some(l => l.docs.length) ? w : w.slice(0, -1);
}));

// those finds the people of a set who have all words, and the pages that come before them.
async function those(index, rest, parts, set, passes, limit) {
  // 女: what a field says; 当 in a text says nothing.
  const inFields = ({ docs, info }) => { const keep = docs.map((_, i) => i).filter(i => info[i] >> 2 & (FIELD | TITLE)); return { docs: keep.map(i => docs[i]), info: keep.map(i => info[i]) }; };
  const found = (await listsOf(index, rest)).map((list, i) => rest[i].length === 1 ? inFields(list) : list), { docs, scores } = matched(index, found), keep = docs.map((_, i) => i).filter(i => set[docs[i]]);
  if (!keep.length) return;
  const named = await listsOf(index, parts), pages = matched(index, named).docs.filter(doc => !set[doc] && index.rank(doc) < 2 && passes(doc) && named.every(l => l.info[l.docs.indexOf(doc)] >> 2 & TITLE));
  return { rest, pages: pages.slice(0, limit), found: { docs: keep.map(i => docs[i]), scores: keep.map(i => scores[i]) } };
}

// apart sets the years in a text apart as words of their own: 1978年, 1956, 1950年9月25日; not the 1950年代.
const apart = t => t.replace(/[0-9]+(?:年(?:[0-9]{1,2}月(?:[0-9]{1,2}日)?)?)?代?/g, m => yearText(/^[0-9]+/.exec(m)[0]) && !m.endsWith('代') ? ` ${m} ` : m);

// withoutAsks takes what questions are asked with out of words, and sets years apart.
function withoutAsks(index, words) {
  return words.flatMap(word => {
    let t = needle(word);
    if (word[0] === 1 && word.length > 1 && !(word[1] >= 48 && word[1] <= 57) || /[\x80-\u052f]/.test(t)) return [word];
    for (const ask of index.root.asks) t = t.replaceAll(ask, ' ');
    return units(apart(t));
  });
}

// summed scores the documents that hold some of the pieces: what is called like one of them, or holds half of the characters.
function summed(index, pieces, found) {
  const sums = new Map();
  let all = 0;
  found.forEach(({ docs, info }, i) => {
    all += pieces[i].length;
    const weight = weightOf(index.root.documents, docs.length);
    docs.forEach((doc, k) => {
      const s = sums.get(doc) ?? { score: 0, units: 0, whole: false }, p = points(info[k], index.rank(doc));
      s.score += weight * p; s.units += pieces[i].length; s.whole ||= p >= WHOLE;
      sums.set(doc, s);
    });
  });
  const docs = [...sums.keys()].filter(doc => sums.get(doc).whole || 2 * sums.get(doc).units >= all).sort((a, b) => a - b);
  return { docs, scores: docs.map(doc => sums.get(doc).score * sums.get(doc).units) };
}

const sounds = index => index.once('sounds', () => index.file(index.root.sounds, data => {
  const map = new Map();
  for (const line of new TextDecoder().decode(inflate(data)).split('\n')) {
    const [syllable] = /^[a-z]*/.exec(line);
    for (const c of line.slice(syllable.length)) map.set(c, [...map.get(c) ?? [], syllable]);
  }
  return map;
}));

// alike finds the titles that sound like a word.
async function alike(index, word, offer, best) {
  if (!han(word)) return NONE;
  const table = await sounds(index);
  let ways = [[]];
  for (const u of word) {
    ways = ways.flatMap(way => (table.get(String.fromCharCode(u)) ?? []).map(s => [...way, ...Array.from(s, (l, i) => (i ? 0xE020 : 0xE000) + l.charCodeAt(0) - 97)])).slice(0, 8);
  }
  const all = union(await Promise.all(ways.map(way => phrase(index, way))));
  if (all.docs.length) for (const [, title] of await index.cards(best(matched(index, [all]), 3))) offer(title, 'sound');
  return all;
}

// oneOff finds the titles in which a word stands with one other character.
async function oneOff(index, word, offer, best, table) {
  if (!han(word) || word.length > 12) return NONE;
  const fold = table ?? await index.foldTable(), seen = new Set(), kept = new Map();
  for (let i = 0; i < word.length; i++) {
    const list = await around(index, word.slice(0, i), word.slice(i + 1));
    if (!list.docs.length) continue;
    const docs = best(matched(index, [list]), CANDIDATES).filter(doc => !seen.has(doc)), cards = await index.cards(docs);
    docs.forEach((doc, n) => {
      seen.add(doc);
      const meant = standsNear(cards[n][1], word, fold);
      if (!meant) return;
      offer(meant, 'near');
      kept.set(doc, list.info[list.docs.indexOf(doc)]);
    });
  }
  const docs = [...kept.keys()].sort((a, b) => a - b);
  return { docs, info: docs.map(doc => kept.get(doc)) };
}

// around finds the documents with both parts in their titles; one of them may be empty.
async function around(index, before, after) {
  const lists = [];
  for (const part of [before, after]) {
    if (!part.length) continue;
    const { docs, info } = await phrase(index, part), titled = new Map();
    docs.forEach((doc, i) => { if (info[i] >> 2 & TITLE) titled.set(doc, info[i]); });
    lists.push(titled);
  }
  const docs = [...lists[0].keys()].filter(doc => lists.every(l => l.has(doc)));
  return { docs, info: docs.map(doc => lists[0].get(doc)) };
}

// standsNear gives the place of a title that differs from a word in one character, or nothing. Of two characters, the title must have no more; if it is the
// first or the last one that differs, the place must begin or end there.
function standsNear(title, word, table) {
  const original = [...title], low = [...folded(title, table)];
  if (low.length !== original.length || word.length === 2 && low.length !== 2) return;
  const inside = at => at >= 0 && at < low.length && kindOf(low[at].codePointAt(0)) === 3;
  for (let at = 0, end = word.length; end <= low.length; at++, end++) {
    if (low[at].codePointAt(0) !== word[0] && inside(at - 1) || low[end - 1].codePointAt(0) !== word.at(-1) && inside(end)) continue;
    let others = 0;
    word.forEach((u, i) => { const c = low[at + i].codePointAt(0); if (c !== u) others += kindOf(c) === 3 ? 1 : word.length; });
    if (others === 1) return original.slice(at, end).join('');
  }
}

// cut cuts a word without documents into pieces that have some, from its left and from its right, and takes the way with fewer pieces.
async function cut(index, word) {
  const tokens = tokensOf(word.slice(0, UNITS));
  let chosen;
  for (const right of [false, true]) {
    const pieces = [];
    let long = 0;
    for (let left = tokens; left.length;) {
      const { piece, list, size } = await pieceOf(index, left, right);
      if (list.docs.length) {
        pieces.push([piece, list]);
        if (size > 1 || piece.length > 1) long += piece.length;
      }
      left = right ? left.slice(0, -size) : left.slice(size);
    }
    if (right) pieces.reverse();
    if (!chosen || long > chosen.long || long === chosen.long && pieces.length < chosen.pieces.length) chosen = { pieces, long };
  }
  return chosen.pieces.filter(([piece]) => piece.length > 1 || !chosen.long);
}

// pieceOf takes a piece from one end of tokens: the longest that is a whole title, or else the longest.
async function pieceOf(index, tokens, right) {
  let piece, list, size;
  for (let k = 1; k <= tokens.length; k++) {
    const now = (right ? tokens.slice(-k) : tokens.slice(0, k)).flat(), found = await phrase(index, now);
    if (!found.docs.length && k > 1) break;
    if (k <= 2 || whole(found) || !whole(list)) { piece = now; list = found; size = k; }
  }
  return { piece, list, size };
}

// tokensOf cuts a word into signs and runs of letters.
function tokensOf(word) {
  const tokens = [], letter = u => u > 1 && u < 0x530 || u >= 0x1E00 && u < 0x2000;
  for (let i = 0, j; i < word.length; i = j) {
    j = i + 1;
    if (word[i] === 1) while (j < word.length && letter(word[j])) j++;
    else if ((word[i] & 0xFC00) === 0xD800 && j < word.length) j++;
    tokens.push(word.slice(i, j));
  }
  return tokens;
}
