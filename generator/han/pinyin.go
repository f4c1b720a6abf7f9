package han

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"
)

// Syllables reads s in pinyin without tones: one lower-case syllable for each Chinese character (ü is v, as one types it), and one
// for each run of Latin letters or digits. Everything else is left out. Words in which a character has another reading than
// usual (重庆, 银行, 厂长) are known by a short list; a reader who needs certainty writes it in the record.
func Syllables(s string) []string {
	syllables, _ := read(s)
	return syllables
}

// read returns the syllables of s and beside each its tone, 0 to 4, where 0 is none or neutral.
func read(s string) (syllables []string, tones []byte) {
	add := func(reading string) {
		syllable, tone := plain(reading)
		syllables, tones = append(syllables, syllable), append(tones, tone)
	}
	table := words()
	runes := []rune(FoldString(s))
	for i := 0; i < len(runes); {
		r := runes[i]
		if !IsHan(r) {
			j := i
			for j < len(runes) && !IsHan(runes[j]) && (unicode.IsLetter(runes[j]) || unicode.IsDigit(runes[j])) {
				j++
			}
			if j > i {
				syllables, tones = append(syllables, string(runes[i:j])), append(tones, 0)
				i = j
			} else {
				i++
			}
			continue
		}
		n := min(table.begins[r], len(runes)-i)
		for ; n > 1; n-- {
			if readings, ok := table.readings[string(runes[i:i+n])]; ok {
				for reading := range strings.FieldsSeq(readings) {
					add(reading)
				}
				break
			}
		}
		if n > 1 {
			i += n
			continue
		}
		n = 1
		if reading := reading(r); reading != "" {
			add(reading)
		}
		i += n
	}
	return syllables, tones
}

// reading is the usual reading of one character, with its tone mark, or "" if none is known.
func reading(r rune) string {
	if reading, ok := usual[r]; ok {
		return reading
	}
	first, _, _ := strings.Cut(pinyin.PinyinDict[int(r)], ",")
	return first
}

// plain takes the tone off a reading.
func plain(reading string) (syllable string, tone byte) {
	if utf8.RuneCountInString(reading) == len(reading) {
		return reading, 0
	}
	b := make([]byte, 0, len(reading))
	for _, r := range reading {
		if i := strings.IndexRune(toneMarks, r); i >= 0 {
			n := utf8.RuneCountInString(toneMarks[:i])
			b = append(b, "aoeiuv"[n/4])
			tone = byte(n%4 + 1)
			continue
		}
		switch r {
		case 'ü':
			b = append(b, 'v')
		case 'ê', 'ế', 'ề':
			b = append(b, 'e')
		case 'ń', 'ň', 'ǹ':
			b = append(b, 'n')
		case 'ḿ':
			b = append(b, 'm')
		default:
			if r < utf8.RuneSelf {
				b = append(b, byte(r))
			}
		}
	}
	return string(b), tone
}

const toneMarks = "āáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜ"

// usual corrects the dictionary's first reading where another one is commoner in names and titles.
var usual = map[rune]string{
	'长': "cháng", '晟': "shèng", '佛': "fó", '模': "mó", '媛': "yuàn", '系': "xì", '什': "shí", '了': "le", '地': "dì", '度': "dù",
	'率': "lǜ", '埔': "pǔ", '莘': "shēn", '大': "dà", '都': "dōu", '朝': "cháo", '着': "zhe", '种': "zhǒng", '校': "xiào", '还': "hái",
}

// wordTable is the common words, most of them of work and place, in which a character is read in another way than usual.
type wordTable struct {
	readings map[string]string // of all characters of a word
	begins   map[rune]int      // how many characters the longest word that begins with this one has
}

var words = sync.OnceValue(func() wordTable {
	table := wordTable{make(map[string]string), make(map[rune]int)}
	for line := range strings.Lines(wordReadings) {
		readings, list, ok := strings.Cut(strings.TrimSpace(line), "：")
		if !ok {
			continue
		}
		for word := range strings.FieldsSeq(list) {
			// A line gives one character's reading; the word's others are read as usual, or as their own lines say.
			r, n := utf8.DecodeRuneInString(readings)
			syllables := strings.Fields(table.readings[word])
			characters := []rune(word)
			for i, c := range characters {
				if i == len(syllables) {
					syllables = append(syllables, reading(c))
				}
				if c == r {
					syllables[i] = readings[n:]
				}
			}
			table.readings[word] = strings.Join(syllables, " ")
			table.begins[characters[0]] = max(table.begins[characters[0]], len(characters))
		}
	}
	return table
})

const wordReadings = `
重chóng：重庆 重新 重建 重阳 重复 重组 重返 重叠 重逢 重修
重zhòng：重要 重点 重大
行háng：银行 行业 行情 行家 央行 建行 工行 农行 银行行长 本行 同行 排行 行列 商行 分行 支行 投行 行长
行xíng：举行 进行 执行 行动
长zhǎng：银行行长 市长 省长 县长 区长 乡长 镇长 村长 校长 院长 厂长 班长 队长 组长 部长 局长 处长 科长 股长 司长 厅长 所长 站长 段长 车长 船长 机长 店长 会长 家长 社长 团长 师长 连长 营长 排长 军长 首长 行长 秘书长 委员长 董事长 理事长 站长 库长 矿长 工长 成长 增长 生长 助长 长大 长辈 学长 兄长
乐yuè：音乐 乐队 乐团 乐器 乐曲 乐谱 声乐 民乐 器乐 乐清 交响乐 奏乐 礼乐
会kuài：会计 财会
都dū：首都 成都 都市 都昌 古都 大都 建都 于都 宁都 都城 都督 丰都
大dài：大夫
厦xià：厦门
调diào：强调 调查 调研 调动 调度 调任 调配 抽调 单调 借调
调tiáo：调整 调解 调节 协调 空调 调和 调控 调试 调剂 烹调
参shēn：人参 海参 党参
参cān：参加 参观 参与 参军 参谋 参考
传zhuàn：传记 自传 列传 外传 传略 评传 水浒传 英雄传 小传
传chuán：传统 宣传 传承 传播 传奇
降xiáng：投降 降伏 降服
藏zàng：西藏 宝藏 藏族 藏语 青藏
朝zhāo：朝阳 朝霞 朝气 今朝 朝夕
朝cháo：朝阳区 朝阳市 朝阳门 朝鲜 王朝 唐朝
曾céng：曾经 未曾 不曾
曾zēng：曾祖 曾孙
解jiě：解放 解决 了解 解释 解答 解读 理解 解困
率shuài：率领 率先 表率 率队 统率
率lǜ：效率 比率 入会率 速率
更gēng：更新 更改 变更 更正 更生 更换
更gèng：更加 更好
还huán：偿还 归还 还原 退还 返还
没mò：没收 淹没 出没
盛chéng：盛饭
种zhòng：种植 种田 栽种 播种机 耕种 种地
相xiàng：照相 相片 相册 丞相 首相 真相 相机
量liáng：测量 丈量 思量 量具
难nàn：灾难 遇难 难民 苦难 患难 殉难 遇难者
任rén：任丘 任县
单shàn：单县
华huà：华山 华县
燕yān：燕山 燕京 燕赵
蚌bèng：蚌埠
埔bù：大埔
浒hǔ：水浒 水浒传
堡bǎo：堡垒
堡pù：十里堡
铅yán：铅山
婺wù：婺源
乐lè：乐平 乐安 乐山 快乐 乐园 欢乐 俱乐部
石shí：石城 石家庄
宿sù：宿州 宿迁 宿舍
亳bó：亳州
六lù：六安
丽lí：丽水
台tāi：台州 天台
涡guō：涡阳
歙shè：歙县
洪hóng：洪洞
洞tóng：洪洞
尉wèi：上尉 中尉 少尉 尉官
仇chóu：仇恨 报仇
背bēi：背负
应yìng：应用 适应 响应 反应 供应 对应 应急 应对 相应
应yīng：应该 应当 应届
角jué：角色 主角 角逐
觉jiào：睡觉
给jǐ：供给 给予 补给 自给 给养
假jià：假期 放假 休假 寒假 暑假 请假
强qiǎng：勉强
当dàng：当作 适当 恰当 妥当 上当
干gàn：干部 骨干 干劲 干事 实干 苦干 干活 才干 能干 干将 巧干 大干 主干 干线 干警 干群
卷juàn：案卷 试卷 卷宗 第一卷 答卷
卡kǎ：卡车
空kòng：空闲 填空 空白 空隙
缝féng：裁缝 缝纫 缝制
缝fèng：缝隙 裂缝
扎zhā：扎实 扎根
轧zhá：轧钢 冷轧 热轧 轧机 轧制
炮páo：炮制
圈juàn：猪圈 羊圈
切qiè：一切 亲切 密切 切实 迫切
为wéi：为人 作为 成为 行为 认为 以为 为主 为期 人为 大有作为 敢为
为wèi：为了 因为 为民 为何 为国
中zhòng：中奖 中标 命中 中毒 看中
转zhuàn：转动 转速 运转 旋转 自转
处chǔ：处理 处分 处罚 处于 相处 处置 处境
处chù：办事处 处长 好处 到处 管理处 四处
便pián：便宜
差chāi：出差 差遣 差旅 邮差
冠guàn：冠军 夺冠 三冠王
数shǔ：数九
脉mài：脉搏
兴xīng：兴国 兴建 兴办 复兴 振兴 新兴 兴起 绍兴 嘉兴 宜兴
兴xìng：高兴 兴趣 兴致
少shào：少年 少先队 少女 青少年 少将 少校 少共
教jiāo：教书
号háo：号召力量
省xǐng：反省
济jǐ：济南 济宁 济源 济济一堂
纤qiàn：纤夫
纤xiān：纤维 化纤 光纤
血xuè：血液 血汗 献血 热血 浴血
模mú：模样 模具 模子
载zǎi：记载 刊载 一年半载 登载 千载 三年五载
载zài：载重 运载 承载 装载
作zuō：作坊
创chuāng：创伤 重创
塞sài：边塞 要塞
露lòu：露面
食shí：食品
弹tán：弹簧 弹奏 弹性 弹琴
斗dòu：奋斗 战斗 斗争 斗志 搏斗
只zhǐ：只有 只要 只争
地dì：地方
间jiàn：间接 间隔 间断
正zhēng：正月
奇jī：奇数
纪jì：纪念 世纪 纪律
核hé：核心
尽jǐn：尽管 尽快 尽量
禁jīn：不禁
劲jìng：劲旅 强劲 疾风知劲草
巷hàng：巷道 平巷
`
