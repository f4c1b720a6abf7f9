package site

import "testing"

func TestReadBaseURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://example.org":               "https://example.org/",
		"https://example.org/":              "https://example.org/",
		"http://example.org:8080/archive":   "http://example.org:8080/archive/",
		"https://工会测试.公益/史料/":               "https://xn--6oq837a6slrx3a.xn--55qw42g/%E5%8F%B2%E6%96%99/",
		"http://[::1]:80/a/":                "http://[::1]:80/a/",
		"http://192.168.1.2/a/b":            "http://192.168.1.2/a/b/",
		"HTTPS://EXAMPLE.ORG/A/":            "https://example.org/A/",
		"https://example.org//archive/":     "",
		"https://example.org/archive//":     "",
		"https://example.org/a//b/":         "",
		"https://example.org//":             "",
		"https://example.org:99999/":        "",
		"https://example.org:/":             "",
		"https://example.org:0/":            "",
		"https://example.org/a/../b":        "",
		"https://example.org/%2e%2e/b":      "",
		"https://example.org/a\"><script>/": "",
		"https://user:pass@example.org/":    "",
		"https://example.org/?a":            "",
		"https://example.org/#a":            "",
		"https://exa mple.org/":             "",
		"https://.example.org/":             "",
		"https://example..org/":             "",
		"https://-.org/":                    "",
		"//example.org/":                    "",
		"example.org":                       "",
		"ftp://example.org/":                "",
		"javascript:alert(1)":               "",
		"https:///a":                        "",
		"":                                  "",
	} {
		got, fault := ReadBaseURL(in)
		if got != want || (fault == "") != (want != "") {
			t.Errorf("%q: got %q (%s), want %q", in, got, fault, want)
		}
	}
	s := &Settings{}
	if s.SetBaseURL("https://example.org/a/b"); s.Base != "/a/b/" {
		t.Errorf("%q", s.Base)
	}
	if s.SetBaseURL("https://example.org"); s.Base != "/" {
		t.Errorf("%q", s.Base)
	}
}

// Addresses of records' fields: in ASCII, encoded once, and nothing else changed.
func TestWebAddress(t *testing.T) {
	for in, want := range map[string]string{
		"https://工会测试.公益/新闻/a b?名=测#段":               "https://xn--6oq837a6slrx3a.xn--55qw42g/%E6%96%B0%E9%97%BB/a%20b?%E5%90%8D=%E6%B5%8B#%E6%AE%B5",
		"https://example.org/%E5%8A%B3/?q=%E6%B5%8B": "https://example.org/%E5%8A%B3/?q=%E6%B5%8B",
		"https://工会测试.公益:8080/":                      "https://xn--6oq837a6slrx3a.xn--55qw42g:8080/",
		"http://example.org/a_b~(c)/?x=1&y=2#z":      "http://example.org/a_b~(c)/?x=1&y=2#z",
		"https://[::1]:80/a":                         "https://[::1]:80/a",
		"https://example.org/?q=\"<x>":               "https://example.org/?q=%22%3Cx%3E",
	} {
		if got := WebAddress(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
		if again := WebAddress(want); again != want {
			t.Errorf("%s again: %s", want, again)
		}
	}
}
