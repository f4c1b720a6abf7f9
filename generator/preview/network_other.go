//go:build !linux

package preview

// noNotices is not known here; the probe finds out.
func noNotices(string) string { return "" }
