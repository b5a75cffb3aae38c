package main

import (
	"fmt"
	"net/url"
	"path/filepath"

	"go.etcd.io/etcd/server/v3/embed"
)

// runEtcd serves an etcd from a folder until it is killed, on a Unix socket there: its own port
// would be open to everybody on the machine.
func runEtcd(arguments []string) error {
	folder := arguments[0]
	nowhere := url.URL{Scheme: "http", Host: "127.0.0.1:0"}
	config := embed.NewConfig()
	config.Dir = filepath.Join(folder, "data")
	config.ListenClientUrls = []url.URL{{Scheme: "unix", Path: etcdSocket(folder)}}
	config.ListenPeerUrls = []url.URL{nowhere}
	config.AdvertiseClientUrls = []url.URL{nowhere}
	config.LogLevel = "warn"
	// Nothing outlives the test, so nothing has to survive a power cut.
	config.UnsafeNoFsync = true
	server, err := embed.StartEtcd(config)
	if err != nil {
		return fmt.Errorf("etcd: %w", err)
	}
	return <-server.Err()
}

func etcdSocket(folder string) string { return filepath.Join(folder, "etcd.sock") }
