package han

import (
	"testing"
	"unicode"
)

func TestSight(t *testing.T) {
	for r, want := range map[rune]Invisible{
		'甲': Visible, ' ': Visible, '\t': Visible, '\n': Visible, '\u3000': Visible, '\u00a0': Visible, '😀': Visible, '\ufe0f': Visible, '\u0301': Visible,
		'\r': Control, 0: Control, 0x7f: Control, '\u0085': Control, '\u2028': Control, '\ufffe': Control,
		'\u200e': Direction, '\u061c': Direction, '\u202e': Direction, '\u2066': Direction,
		'\u200b': Widthless, '\ufeff': Widthless, '\u00ad': Widthless, '\u2060': Widthless, '\u200d': Joiner, '\u200c': Joiner,
	} {
		if got := Sight(r); got != want {
			t.Errorf("%U is %d, not %d", r, got, want)
		}
	}
	for r := range rune(unicode.MaxRune + 1) {
		if (unicode.Is(unicode.Bidi_Control, r)) != (Sight(r) == Direction) {
			t.Errorf("%U: what turns text around", r)
		}
		if unicode.IsControl(r) && r != '\t' && r != '\n' && Sight(r) != Control {
			t.Errorf("%U is a control", r)
		}
		if Hidden(r) && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsPunct(r)) && r != '\u200b' {
			t.Errorf("%U is hidden", r)
		}
	}
}

func TestJoins(t *testing.T) {
	for _, c := range []struct {
		before, after rune
		want          bool
	}{
		{'👩', '👧', true}, {'\ufe0f', '👧', true}, {'🏽', '🚀', true}, {'क', 'ष', true},
		{'张', '测', false}, {'张', '👧', false}, {'👧', 0, false}, {0, '👧', false}, {'a', 'b', false}, {'，', '👧', false}, {' ', '👧', false},
	} {
		if got := Joins(c.before, c.after); got != c.want {
			t.Errorf("between %q and %q: %v", c.before, c.after, got)
		}
	}
}

func TestSeen(t *testing.T) {
	const family = "👩\u200d👩\u200d👧"
	s, gone := Seen("\ufeff张\u200d测\u200b试\u202e" + family + "\u200d\u200d甲\x00")
	if s != "张测试"+family+"甲" || gone != [...]int{Visible: 0, Control: 1, Direction: 1, Widthless: 2, Joiner: 3} {
		t.Errorf("%q, %v", s, gone)
	}
}

func TestDigit(t *testing.T) {
	for i, r := range []rune("零一二三四五六七八九") {
		if Digit(r) != i {
			t.Errorf("%c is %d", r, Digit(r))
		}
	}
	if Digit('〇') != 0 || Digit('两') != 2 || Digit('十') != -1 || Digit('0') != -1 || Unit('万') != 1e4 || Unit('一') != 0 {
		t.Error("numerals")
	}
}
