package render_test

import (
	"strings"
	"testing"

	"gongzhi/generator/render"
)

// TestCourse: a life stands on its page by date, with the occasion, the grantor and the source of each honour, and who belongs
// to it; what is in the chronology is not in a table once more.
func TestCourse(t *testing.T) {
	g := generate(t, archive(t, `-- content/people/a.md --
---
title: 张测试
birth: 1900
death: 1990年代
native_place: 测试省
unit: [测试厂]
positions:
  - {organization: 测试厂, position: 测试主任, date: 1940}
---
生平。
-- content/people/b.md --
---
title: 李测试
unit: [测试厂]
---
-- content/people/c.md --
---
title: 王测试
---
-- content/honors/h.md --
---
title: 测试号
level: 国家级
---
-- content/organizations/o.md --
---
title: 测试总会
founded: 1920
dissolved: 1930
---
-- content/events/e.csv --
编号,事项,时间,地点,参加者.姓名或单位
e1,测试大会,1950-05,测试市,people/a
e2,总会的会,1925,测试市,organizations/o
-- content/initiatives/i.md --
---
title: 测试制度
kind: 平台
definitions:
  - {text: 甲说。, region: 甲地, date: 2016}
  - {text: 乙说。, region: 乙地, date: 2018}
---
-- content/conferrals/c.csv --
编号,荣誉,获得者,授予时间,届次会议,颁授机关,出处.史料
c1,h,people/a,1950,events/e1,测试机关,测试报
c2,h,people/c,1950,,,测试报
c3,h,people/a,,,,测试报
`), render.Options{})
	all := files(t, g)
	crawl(t, g, all)
	page := string(all["people/a/index.html"])
	at := 0
	for _, want := range []string{
		`<span class="life">1900—1990年代</span><span class="of"><span>测试厂</span></span>`,
		`<svg viewBox="0 0 1000 56"`, `1900年生，1940年事，1950年受表彰`,
		`<span class="day">1900年</span>`, `出生，籍贯测试省`, `测试厂　测试主任`, `href="/rolls/h/">测试号</a>`, `测试大会</a>`, `测试机关</span>`, `href="/rolls/h/#y1950">同批 2 位（个）</a>`, `逝世`,
		`">年份未核到</a></span>`, `同单位：测试厂`, `李测试</a>`, `同批：1950年测试号`, `王测试</a>`,
	} {
		i := strings.Index(page[at:], want)
		if i < 0 {
			t.Fatalf("not there, or not in its place: %s\n%s", want, page)
		}
		at += i
	}
	if strings.Contains(page, `<section class="relation"><h2>曾获荣誉`) || strings.Contains(page, `<section class="relation"><h2>参加的大事`) {
		t.Error("what is in the chronology is told twice")
	}
	org := string(all["organizations/o/index.html"])
	for _, want := range []string{"1920年成立，1930年撤销", `<span class="day">1925年</span>`, `总会的会</a>`} {
		if !strings.Contains(org, want) {
			t.Errorf("the page of the unit does not have %s", want)
		}
	}
	event := string(all["events/e1/index.html"])
	if !strings.Contains(event, `<span class="life">1950年5月</span><span class="of"><span>测试市</span>`) {
		t.Error("date and place of the event do not stand under its title")
	}
	if n := strings.Count(string(all["initiatives/i/index.html"]), `<li><p class="t">`); n != 2 {
		t.Errorf("%d definitions beside each other, want 2", n)
	}
}
