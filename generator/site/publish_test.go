package site

import (
	"strings"
	"testing"
)

// TestTargets: what is wrong in the list publish is found at its place.
func TestTargets(t *testing.T) {
	for _, tt := range []struct{ yaml, want string }{
		{"publish:\n  - {name: 甲, kind: folder, path: x}\n", ""},
		{"publish:\n", ""},
		{"publish: x\n", "1:10 publish/type"},
		{"publish:\n  - x\n", "2:5 publish/type"},
		{"publish:\n  - {name: 甲, kind: ftps, host: a, user: b, path: /}\n", "2:21 publish/kind"},
		{"publish:\n  - {name: 甲, kind: folder}\n", "2:5 publish/missing"},
		{"publish:\n  - {kind: folder, path: x}\n", "2:5 publish/name"},
		{"publish:\n  - {name: a/b, kind: folder, path: x}\n", "2:12 publish/name"},
		{"publish:\n  - {name: 甲, kind: folder, path: x, host: y}\n", "2:44 publish/unknown"},
		{"publish:\n  - {name: 甲, kind: folder, pth: x}\n", "2:5 publish/missing,2:29 publish/unknown"},
		{"publish:\n  - {name: 甲, kind: folder, path: x}\n  - {name: 甲, kind: folder, path: y}\n", "3:5 publish/twice"},
		{"publish:\n  - {name: 甲, kind: sftp, host: a, user: b, path: /, port: 70000}\n", "2:60 publish/number"},
		{"publish:\n  - {name: 甲, kind: sftp, host: 'sftp://a/', user: b, path: /}\n", "2:33 publish/address"},
		{"publish:\n  - {name: 甲, kind: sftp, host: 'b@a', user: b, path: /}\n", "2:33 publish/address"},
		{"publish:\n  - {name: 甲, kind: sftp, host: a, user: b, path: /, Password: x}\n", "2:54 publish/secret"},
		{"publish:\n  - {name: 甲, kind: s3, bucket: a, user: b, secret_key: x, preset: aliyun-oss, region: cn-hangzhou}\n", "2:45 publish/secret"},
		{"publish:\n  - {name: 甲, kind: s3, bucket: a, user: b, 密码: x, preset: aliyun-oss, region: cn-hangzhou}\n", "2:45 publish/secret"},
		{"publish:\n  - {name: 甲, kind: s3, bucket: a, user: b}\n", "2:5 publish/missing"},
		{"publish:\n  - {name: 甲, kind: s3, bucket: a, user: b, preset: alyun, region: r}\n", "2:53 publish/value"},
		{"publish:\n  - {name: 甲, kind: webdav, url: 'ftp://a/'}\n", "2:34 publish/address"},
		{"publish:\n  - {name: 甲, kind: webdav, url: 'https://u:p#x@a/'}\n", "2:34 publish/secret"},
		{"publish:\n  - {name: 甲, kind: ftp, host: a, user: b, path: /, encoding: big5}\n", "2:63 publish/value"},
		{"publish:\n  - {name: 甲, kind: folder, path: [x]}\n", "2:35 publish/type"},
	} {
		_, diags := ReadSettings([]byte(tt.yaml))
		diags.Sort()
		var got []string
		for _, m := range diags {
			place := strings.TrimPrefix(m.String(), "site.yaml:")
			place, _, _ = strings.Cut(place, ": ")
			got = append(got, place+" "+m.ID)
		}
		if strings.Join(got, ",") != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.yaml, strings.Join(got, ","), tt.want)
		}
	}
}

func TestSecretVariable(t *testing.T) {
	for name, want := range map[string]string{"web-1": "GONGZHI_SECRET_WEB_1", "Main": "GONGZHI_SECRET_MAIN", "官网": "GONGZHI_SECRET___"} {
		if got := SecretVariable(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for _, kind := range TargetKinds {
		if targetKeys[kind] == "" {
			t.Errorf("%s has no keys", kind)
		}
	}
}
