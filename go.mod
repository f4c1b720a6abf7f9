module gongzhi

go 1.26
