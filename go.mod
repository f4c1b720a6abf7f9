module gongzhi

go 1.26.0

require (
	github.com/gofrs/flock v0.13.1 // indirect
	github.com/mozillazg/go-pinyin v0.21.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)
