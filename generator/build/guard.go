package build

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"gongzhi/generator/output"
)

// target gives the real, absolute path of the folder to replace, or says why it may not be replaced.
// Nothing is touched. Folders are compared by identity, not by name, which sees through symbolic links
// and differences of case that a file system ignores.
func target(name, source string) (string, error) {
	if name == "" {
		return "", errors.New("没有指定输出文件夹")
	}
	out, err := output.RealPath(name)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(out); err == nil && !info.IsDir() {
		return "", fmt.Errorf("输出位置 %s 是一个文件，不是文件夹：请换一个输出文件夹", name)
	}
	if filepath.Dir(out) == out {
		return "", fmt.Errorf("输出文件夹不能是 %s：那是整个磁盘", name)
	}
	if home, err := os.UserHomeDir(); err == nil && output.Contains(out, home) {
		return "", fmt.Errorf("输出文件夹不能是 %s：那里有您的个人文件夹，里面的文件会被清除", name)
	}
	if err := output.Apart(out, source); err != nil {
		return "", fmt.Errorf("输出文件夹不能是 %s：%w；请换一个，例如 %s", name, err, filepath.Join(source, "public"))
	}
	return out, nil
}
