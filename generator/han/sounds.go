package han

import (
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// SoundTable lists the characters of GB 2312 by their sound: lines of a syllable without tone and the characters that are read so, folded,
// in the order of their numbers. A character that is read otherwise as a surname stands in both lines.
var SoundTable = sync.OnceValue(func() string {
	bySyllable := map[string][]rune{}
	decoder := simplifiedchinese.GBK.NewDecoder()
	for lead := byte(0xB0); lead <= 0xF7; lead++ {
		for trail := byte(0xA1); trail <= 0xFE; trail++ {
			b, err := decoder.Bytes([]byte{lead, trail})
			r := []rune(string(b))
			if err != nil || len(r) != 1 || !IsHan(r[0]) || Fold(r[0]) != r[0] {
				continue
			}
			for _, readings := range [][]string{Syllables(string(r)), NameSyllables(string(r) + "测")} {
				if len(readings) > 0 && !slices.Contains(bySyllable[readings[0]], r[0]) {
					bySyllable[readings[0]] = append(bySyllable[readings[0]], r[0])
				}
			}
		}
	}
	var lines []string
	for syllable, chars := range bySyllable {
		slices.Sort(chars)
		lines = append(lines, syllable+string(chars)+"\n")
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
})
