package preview

import "syscall"

// noNotices names the kind of file system that a folder is on if changes made elsewhere are not told of there:
// network drives, and folders shared into a virtual machine or WSL. "" if they are, or if it is not known.
// The numbers are those of statfs(2).
func noNotices(dir string) string {
	var st syscall.Statfs_t
	if syscall.Statfs(dir, &st) != nil {
		return ""
	}
	switch uint32(st.Type) {
	case 0x6969:
		return "NFS 网络盘"
	case 0xff534d42, 0xfe534d42, 0x517b:
		return "Windows 网络盘"
	case 0x01021997:
		return "WSL 里的 Windows 盘" // 9P
	case 0x786f4256:
		return "虚拟机共享文件夹" // vboxsf
	case 0x65735546:
		return "FUSE 盘"
	case 0x00c36400:
		return "Ceph 网络盘"
	}
	return ""
}
