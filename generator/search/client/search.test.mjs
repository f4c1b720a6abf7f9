// The rules that search.js shares with the Go package, run over the same vectors: node --test
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { Bits, digest, excerpt, inflate, keyOf, occurrences, piecesOf, riceBits, spellings, units } from './search.js';

const vectors = JSON.parse(readFileSync(new URL('../testdata/vectors.json', import.meta.url)));
const table = new Map();
for (const line of readFileSync(new URL('../../han/fold.txt', import.meta.url), 'utf8').split('\n')) {
  if (line[0] === '#') continue;
  const [to, ...from] = line;
  for (const c of from) table.set(c.codePointAt(0), to.codePointAt(0));
}

test('units', () => { for (const { text, words } of vectors.units) assert.deepEqual(units(text, table), words, text); });

test('spellings', () => {
  for (const { letters, ways } of vectors.spellings) {
    const got = spellings(letters).map(way => way.map((u, i) => (u < 0xE020 ? (i ? ' ' : '') + letters[i].toUpperCase() : letters[i])).join(''));
    assert.deepEqual(got, ways, letters);
  }
});

test('keys and digests', () => {
  for (const { gram, key } of vectors.keys) assert.equal(keyOf(...gram), key);
  for (const { text, name } of vectors.digests) assert.equal(digest(new TextEncoder().encode(text)), name, text);
});

test('inflate undoes what zlib does', () => {
  let seed = 1;
  const random = n => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  for (let i = 0; i < 300; i++) {
    const data = Uint8Array.from({ length: random(3000) }, () => random(i % 2 ? 256 : 5));
    for (const level of [0, 1, 6, 9]) assert.deepEqual(inflate(new Uint8Array(deflateRawSync(data, { level }))), data);
  }
});

test('inflate of damaged data ends with an error or some bytes, and soon', () => {
  const whole = new Uint8Array(deflateRawSync(Buffer.from('工会改革是一项长期任务'.repeat(40))));
  for (let i = 0; i < whole.length; i++) {
    for (const bad of [whole.slice(0, i), Uint8Array.from(whole, (x, j) => (j === i ? x ^ 0x5A : x))]) {
      try { inflate(bad); } catch (error) { assert.ok(error instanceof Error); }
    }
  }
});

test('numbers of a bit stream', () => {
  // rice 5 with parameter 1: 110 1; gamma 5: 00 101; three bits 011
  const r = new Bits(Uint8Array.of(0b11010010, 0b10110000));
  assert.deepEqual([r.rice(1), r.gamma(), r.bits(3)], [5, 5, 3]);
  assert.equal(riceBits(100, 10000), 6);
  const end = new Bits(new Uint8Array(0));
  end.bits(8);
  assert.ok(end.damaged);
});

test('excerpts are inert and marked', () => {
  assert.equal(excerpt('<img src=x onerror=1>工会&"', ['工会']), '&lt;img src=x onerror=1&gt;<mark>工会</mark>&amp;&quot;');
  assert.equal(excerpt('勞動模範', ['劳动'], table), '<mark>勞動</mark>模範');
  assert.deepEqual(occurrences('G60与ＡG60', ['g60']), [[0, 3]]);
  const long = '开头的话，'.repeat(60) + '某某表示，工会改革很重要。' + '后面的话，'.repeat(60);
  const html = excerpt(long, ['工会', '重要']);
  assert.match(html, /<mark>工会<\/mark>改革很<mark>重要<\/mark>/);
  assert.ok(html.length < 160);
});

test('what stands for several characters is marked as a whole', () => {
  assert.deepEqual(occurrences('第Ⅱ期，25㎡', ['ii']), [[1, 2]]);
  assert.deepEqual(occurrences('第Ⅱ期，25㎡', ['m2']), [[6, 7]]);
  assert.deepEqual(occurrences('甲Ⅲ期𠮷①', ['iii期', '1']), [[1, 3], [5, 6]]);
  assert.deepEqual(occurrences('25m2', ['m2']), [[2, 4]]);
});

test('the parts that a looser hit may have', () => {
  assert.deepEqual(piecesOf(['甲乙丙', 'g60']), ['甲乙丙', '甲乙', '乙丙', 'g60']);
  assert.equal(excerpt('受台风“杜苏芮”影响', piecesOf(['台风杜苏芮'])), '受<mark>台风</mark>“<mark>杜苏芮</mark>”影响');
});
