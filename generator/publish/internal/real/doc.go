// Package real runs the life of a site at the servers that people have: OpenSSH, vsftpd, Apache, VersityGW, nginx. `make servers`
// installs them where it can; the tests have the tag servers.
package real
