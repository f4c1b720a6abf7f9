// Package secret finds the passwords of targets: in the environment, or in the keyring of the system (Windows Credential
// Manager, the Keychain of macOS, the Secret Service of Linux desktops). They never stand in a file of ours.
package secret

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/zalando/go-keyring"
)

const service = "gongzhi"

// patience is how long a keyring may think: it may ask its owner to unlock it.
const patience = 2 * time.Minute

// Find gives the secret of a target: that of the environment variable, or that which Save has put into the keyring. There
// may be none; then it is empty. A keyring that can't be reached counts as one without it, and err says why.
func Find(ctx context.Context, variable, target string) (secret string, err error) {
	if s, ok := os.LookupEnv(variable); ok {
		return s, nil
	}
	err = waiting(ctx, func() (err error) {
		secret, err = keyring.Get(service, target)
		return err
	})
	if errors.Is(err, keyring.ErrNotFound) {
		return "", nil
	}
	return secret, err
}

// Save puts a secret into the keyring.
func Save(ctx context.Context, target, secret string) error {
	err := waiting(ctx, func() error { return keyring.Set(service, target, secret) })
	if err != nil {
		return fmt.Errorf("不能存进系统的钥匙串：%w", err)
	}
	return nil
}

// Forget removes a secret from the keyring. One that is not there is no error.
func Forget(ctx context.Context, target string) error {
	err := waiting(ctx, func() error { return keyring.Delete(service, target) })
	if err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return fmt.Errorf("不能从系统的钥匙串里删去：%w", err)
	}
	return nil
}

func waiting(ctx context.Context, f func() error) error {
	over := make(chan error, 1)
	go func() { over <- f() }()
	select {
	case err := <-over:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(patience):
		return errors.New("钥匙串没有回答")
	}
}
