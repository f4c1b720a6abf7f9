package han

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// surnameReadings are surnames whose reading differs from the character's usual one, after 《现代汉语词典》; where people of a
// surname differ (覃 qín, tán), the commoner one stands here.
var surnameReadings = map[rune]string{
	'曾': "zēng", '单': "shàn", '解': "xiè", '仇': "qiú", '区': "ōu", '查': "zhā", '任': "rén", '华': "huà", '朴': "piáo", '盖': "gě",
	'尉': "wèi", '乐': "yuè", '翟': "zhái", '冼': "xiǎn", '缪': "miào", '召': "shào", '覃': "qín", '秘': "bì", '折': "shé", '卜': "bǔ",
	'员': "yùn", '贠': "yùn", '洗': "xiǎn", '隗': "wěi", '郗': "xī", '牟': "mù", '种': "chóng", '繁': "pó", '逄': "páng", '佴': "nài",
	'句': "gōu", '哈': "hǎ", '黑': "hè", '晁': "cháo", '宓': "mì", '阚': "kàn", '应': "yīng", '葛': "gě", '柏': "bǎi", '纪': "jì",
	'燕': "yān", '车': "chē", '盛': "shèng", '都': "dū", '过': "guō", '那': "nā", '能': "nài", '撒': "sǎ", '佘': "shé", '么': "yāo",
	'瞿': "qú", '褚': "chǔ", '费': "fèi", '冯': "féng", '宿': "sù", '适': "kuò", '乜': "niè", '难': "nìng", '厍': "shè", '亓': "qí",
	'郇': "xún", '祭': "zhài", '臧': "zāng", '沈': "shěn", '石': "shí", '曲': "qū", '强': "qiáng", '殷': "yīn", '占': "zhān", '干': "gān",
	'訾': "zī", '粘': "nián", '薄': "bó", '贾': "jiǎ", '陆': "lù", '角': "jué", '谷': "gǔ", '给': "jǐ", '揣': "chuǎi", '圈': "juàn",
	'盘': "pán", '令': "líng", '相': "xiàng", '于': "yú", '余': "yú", '叶': "yè", '宁': "nìng", '甯': "nìng", '长': "zhǎng", '行': "xíng",
	'大': "dà", '裴': "péi", '俞': "yú", '会': "guì", '重': "chóng", '尹': "yǐn",
	'幺': "yāo", '阿': "ā", '万': "wàn", '教': "jiào", '降': "jiàng", '六': "lù", '哲': "zhé", '邸': "dǐ", '仉': "zhǎng", '妫': "guī",
	'逯': "lù", '麴': "qū", '蒙': "méng", '载': "zài", '斗': "dǒu", '塔': "tǎ", '戚': "qī", '笪': "dá", '闫': "yán", '芮': "ruì",
}

// compounds are the surnames of two characters. Those with a reading of their own have it after them.
var compounds = map[string]string{
	"万俟": "mò qí", "尉迟": "yù chí", "单于": "chán yú", "长孙": "zhǎng sūn", "澹台": "tán tái", "乐正": "yuè zhèng", "宰父": "zǎi fǔ",
	"令狐": "líng hú", "仲长": "zhòng cháng", "夹谷": "jiá gǔ", "拓跋": "tuò bá", "濮阳": "pú yáng", "颛孙": "zhuān sūn", "亓官": "qí guān",
	"鲜于": "xiān yú", "谷梁": "gǔ liáng", "尉缭": "wèi liáo", "褚师": "chǔ shī", "公冶": "gōng yě", "皇甫": "huáng fǔ", "哥舒": "gē shū",
	"欧阳": "", "太史": "", "端木": "", "上官": "", "司马": "", "东方": "", "独孤": "", "南宫": "", "闻人": "", "夏侯": "", "诸葛": "",
	"公羊": "", "赫连": "", "宗政": "", "太叔": "", "申屠": "", "公孙": "", "慕容": "", "仲孙": "", "钟离": "", "宇文": "", "司徒": "",
	"司空": "", "闾丘": "", "子车": "", "司寇": "", "巫马": "", "公西": "", "壤驷": "", "公良": "", "漆雕": "", "轩辕": "", "段干": "",
	"百里": "", "呼延": "", "东郭": "", "南门": "", "羊舌": "", "微生": "", "梁丘": "", "左丘": "", "西门": "", "第五": "", "东里": "",
	"即墨": "", "达奚": "", "纳兰": "", "完颜": "", "富察": "", "贺兰": "", "耶律": "", "叱干": "", "屈突": "", "库狄": "",
}

// SplitName parts a Chinese name into surname and given name: 欧阳修 into 欧阳 and 修. A name written with a dot (阿依古丽·买买提)
// or not in Chinese characters has no surname here; then given is all of it.
func SplitName(name string) (surname, given string) {
	name = strings.TrimSpace(name)
	runes := []rune(name)
	if len(runes) < 2 || len(runes) > 5 {
		return "", name
	}
	for _, r := range runes {
		if !IsHan(r) {
			return "", name
		}
	}
	n := 1
	if _, ok := compounds[FoldString(string(runes[:2]))]; ok {
		n = 2
	}
	return string(runes[:n]), string(runes[n:])
}

// givenReadings are characters that are read in given names otherwise than the table has them (现代汉语词典).
var givenReadings = map[rune]string{'焘': "tāo", '仔': "zǐ"}

// NameSyllables reads a person's name: as Syllables does, but the surname as a surname: 曾 zeng, 单 shan, 万俟 mo qi.
func NameSyllables(name string) []string {
	syllables, _, _ := readName(name)
	return syllables
}

// readName returns also the tones, and how many syllables belong to the surname.
func readName(name string) (syllables []string, tones []byte, inSurname int) {
	surname, given := SplitName(name)
	if surname == "" {
		syllables, tones = read(name)
		return syllables, tones, 0
	}
	for _, reading := range readSurname(FoldString(surname)) {
		syllable, tone := plain(reading)
		syllables, tones = append(syllables, syllable), append(tones, tone)
	}
	inSurname = len(syllables)
	for _, r := range FoldString(given) { // one by one: 长行 in a name is no word
		reading := reading(r)
		if own, ok := givenReadings[r]; ok {
			reading = own
		}
		if reading != "" {
			syllable, tone := plain(reading)
			syllables, tones = append(syllables, syllable), append(tones, tone)
		}
	}
	return syllables, tones, inSurname
}

func readSurname(surname string) []string {
	if readings := compounds[surname]; readings != "" {
		return strings.Fields(readings)
	}
	var readings []string
	first, n := utf8.DecodeRuneInString(surname)
	if own, ok := surnameReadings[first]; ok && n == len(surname) {
		return []string{own}
	}
	for _, r := range surname {
		if reading := reading(r); reading != "" {
			readings = append(readings, reading)
		}
	}
	return readings
}

// Initial returns the letter under which a list of names in pinyin order files a name: 'A' to 'Z', or '#' if it begins with
// nothing that can be read as one.
func Initial(name string) byte { return initial(name, NameSyllables) }

// initial reads the name only where that is needed.
func initial(name string, read func(name string) []string) byte {
	if r, _ := utf8.DecodeRuneInString(strings.TrimSpace(name)); !IsHan(r) && !unicode.IsLetter(r) {
		return '#'
	}
	if syllables := read(name); len(syllables) > 0 {
		if c := syllables[0][0]; 'a' <= c && c <= 'z' {
			return c - 'a' + 'A'
		}
	}
	return '#'
}

// NameKey returns a key whose byte order is the pinyin order of names: by the surname's reading, its tone, the surname itself (so
// that 张 and 章 stay apart), then the given name's readings, tones and characters. Names that can't be read in
// pinyin stand behind all others. Numbers stand in their order, also those in Chinese behind 第: 第2届, 第10届; 第二期, 第十期.
// Different names have different keys.
func NameKey(name string) string {
	if n := numbered(name); n != name {
		return nameKey(n) + "\x01" + name
	}
	return nameKey(name)
}

func nameKey(name string) string {
	syllables, tones, n := readName(name)
	surname, given := SplitName(name)
	var b strings.Builder
	if initial(name, func(string) []string { return syllables }) == '#' {
		b.WriteByte(0x7F)
	}
	part := func(syllables []string, tones []byte, text string) {
		for i, s := range syllables {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(s)
			b.WriteByte('0' + tones[i])
		}
		b.WriteByte(1)
		b.WriteString(text)
		b.WriteByte(1)
	}
	if n > 0 {
		part(syllables[:n], tones[:n], surname)
	}
	part(syllables[n:], tones[n:], given)
	return b.String()
}
