package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// The parts of a control plane, in the order in which they start. All but etcd need the API.
var onTheAPI = []string{"kube-controller-manager", "kube-scheduler", "kubelet"}

// Everything is written once it is done, and at once: a test waits for it. What shows what a person
// did to a workload is written with the body of the request, as docs/kubernetes.md has it.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: Request
    verbs: [patch, update]
    resources:
      - group: apps
        resources: [deployments, statefulsets, daemonsets, deployments/scale, statefulsets/scale]
  - level: Request
    verbs: [create]
    resources: [{group: "", resources: [pods/eviction]}]
  - level: Request
    verbs: [delete]
    resources: [{group: "", resources: [pods]}]
  - level: Metadata
`

// part is a process of the control plane.
type part struct {
	*exec.Cmd
	done chan struct{} // closed once it has ended
}

// commands says how each part is called.
func commands(folder string, port int) map[string][]string {
	in := func(name string) string { return filepath.Join(folder, name) }
	admin := in("admin.kubeconfig")
	return map[string][]string{
		"etcd": {folder},
		"kube-apiserver": {
			"--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
			fmt.Sprintf("--secure-port=%d", port),
			"--permit-port-sharing", // the keeper holds the port, so that it can come back there
			"--etcd-servers=unix://" + etcdSocket(folder),
			"--tls-cert-file=" + in("server.crt"), "--tls-private-key-file=" + in("server.key"),
			"--client-ca-file=" + in("ca.crt"), "--authorization-mode=RBAC",
			"--service-account-issuer=https://drill-test",
			"--service-account-key-file=" + in("accounts.key"),
			"--service-account-signing-key-file=" + in("accounts.key"),
			"--service-cluster-ip-range=10.96.0.0/16", "--endpoint-reconciler-type=none",
			"--audit-policy-file=" + in("audit-policy.yaml"), "--audit-log-path=" + in("audit.log"),
			"--audit-log-mode=blocking",
		},
		"kube-controller-manager": {
			"--kubeconfig=" + admin, "--secure-port=0", "--leader-elect=false",
			"--use-service-account-credentials", "--root-ca-file=" + in("ca.crt"),
			"--service-account-private-key-file=" + in("accounts.key"),
			"--cluster-signing-cert-file=" + in("ca.crt"),
			"--cluster-signing-key-file=" + in("ca.key"),
			"--kube-api-qps=200", "--kube-api-burst=400", "--node-monitor-period=1s",
		},
		"kube-scheduler": {
			"--kubeconfig=" + admin, "--secure-port=0", "--leader-elect=false",
			"--kube-api-qps=200", "--kube-api-burst=400",
		},
		"kubelet": {in("kubelet.kubeconfig")},
	}
}

// more is what a test has a part called with besides: a file of its name, an argument a line.
func more(folder, name string) []string {
	lines, err := os.ReadFile(filepath.Join(folder, name+".arguments"))
	if err != nil {
		return nil
	}
	return strings.Fields(string(lines))
}

// startPart starts a part. The kernel kills it when the thread that called this ends, so nothing
// is left of a keeper that was killed; call it from a thread that stays.
func startPart(folder, name string, arguments []string) (*part, error) {
	log, err := os.OpenFile(logOf(folder, name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	started := &part{
		Cmd:  exec.Command("/proc/self/exe", append([]string{name}, arguments...)...),
		done: make(chan struct{}),
	}
	started.Args[0] = "drillmaster-controlplane"
	started.Stdout, started.Stderr = log, log
	started.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := started.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = started.Wait() // how it ended stands in its log
		close(started.done)
	}()
	return started, nil
}

// kill ends a part, also one that was paused, and returns when it has ended.
func (p *part) kill() {
	_ = p.Process.Kill()
	<-p.done
}

func logOf(folder, name string) string { return filepath.Join(folder, name+".log") }
