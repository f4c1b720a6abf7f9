package secret

import (
	"errors"
	"testing"

	"github.com/zalando/go-keyring"
)

func TestSecret(t *testing.T) {
	keyring.MockInit()
	find := func(want string) {
		t.Helper()
		if got, err := Find(t.Context(), "GONGZHI_SECRET_CESHI", "测试"); err != nil || got != want {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	find("")
	if err := Save(t.Context(), "测试", "钥匙串里的"); err != nil {
		t.Fatal(err)
	}
	find("钥匙串里的")
	t.Setenv("GONGZHI_SECRET_CESHI", "环境里的")
	find("环境里的")
	for range 2 {
		if err := Forget(t.Context(), "测试"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := keyring.Get(service, "测试"); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("still there: %v", err)
	}
	keyring.MockInitWithError(errors.New("no keyring here"))
	if _, err := Find(t.Context(), "GONGZHI_SECRET_OTHER", "测试"); err == nil {
		t.Error("a keyring that can't be reached is not said")
	}
	if err := Save(t.Context(), "测试", "x"); err == nil {
		t.Error("a secret that was not saved is not said")
	}
}
