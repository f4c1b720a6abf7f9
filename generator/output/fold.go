package output

import (
	"strings"

	"golang.org/x/text/cases"
)

// Fold is the name by which a file is found where capital letters are not told from small ones: two names with the same Fold
// are one file on macOS and, most of them, on Windows. It is Unicode's full case folding (CaseFolding.txt, C and F), which APFS
// uses: Σ, σ and ς are one letter, and so are ſ and s.
func Fold(name string) string {
	if Odd(name) {
		return cases.Fold().String(name)
	}
	return strings.ToLower(name)
}

// Odd reports whether a name has characters for which Fold may be more than small letters. Han characters and ASCII are none.
func Odd(name string) bool {
	for i := range len(name) {
		if b := name[i]; b >= 0xc2 && b <= 0xe2 || b == 0xea || b >= 0xef { // U+0080 to U+2FFF, U+A000, U+F000 and on
			return true
		}
	}
	return false
}
