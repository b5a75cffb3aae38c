package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// The life of a control plane: it comes up, and its API is taken away and comes back.

const patience = 100 * time.Second // of one wait, on a machine that has much else to do

// bringUp starts everything, and tells everybody when pods can run there.
func (k *keeper) bringUp() {
	news, err := k.comeUp()
	if err != nil {
		news = map[string]string{"failed": err.Error()}
	}
	k.orders <- func() { k.publish(news) }
}

func (k *keeper) comeUp() (map[string]string, error) {
	port, err := reservePort()
	if err != nil {
		return nil, err
	}
	server := fmt.Sprintf("https://127.0.0.1:%d", port)
	issuer, err := newAuthority(k.folder)
	if err != nil {
		return nil, err
	}
	if err := equip(issuer, server); err != nil {
		return nil, err
	}
	k.orders <- func() { k.calls = commands(k.folder, port) }
	if err := k.run("etcd"); err != nil {
		return nil, err
	}
	if err := until("etcd", func() bool { _, err := os.Stat(etcdSocket(k.folder)); return err == nil }); err != nil {
		return nil, err
	}
	if err := k.startAPI(); err != nil {
		return nil, err
	}
	if err := until("the first pod", k.habitable); err != nil {
		return nil, err
	}
	return map[string]string{
		"kubeconfig": issuer.path("admin.kubeconfig"),
		"audit":      issuer.path("audit.log"),
		"keeper":     fmt.Sprint(os.Getpid()),
	}, nil
}

// equip writes all files that the parts are called with.
func equip(issuer *authority, server string) error {
	if err := issuer.issue("server", "drill-test-api", nil, net.IPv4(127, 0, 0, 1)); err != nil {
		return err
	}
	if _, err := issuer.newKey("accounts"); err != nil {
		return err
	}
	// Administrators in the audit log who are no person: one of the tests, one of the parts.
	if err := issuer.kubeconfig("admin", "admin", server, "system:masters"); err != nil {
		return err
	}
	if err := issuer.kubeconfig("kubelet", "fake-kubelet", server, "system:masters"); err != nil {
		return err
	}
	return os.WriteFile(issuer.path("audit-policy.yaml"), []byte(auditPolicy), 0o600)
}

// obey does what a holder asks for.
func (k *keeper) obey(order string) error {
	switch order {
	case "stop-api":
		// Without it the controllers lose their leases and end; as here, they come back with it.
		k.stop(append([]string{"kube-apiserver"}, onTheAPI...)...)
		return nil
	case "start-api":
		return k.startAPI()
	case "pause-api":
		return k.signal("kube-apiserver", syscall.SIGSTOP)
	case "resume-api":
		return k.signal("kube-apiserver", syscall.SIGCONT)
	default:
		return fmt.Errorf("%q is no order", order)
	}
}

// startAPI returns when the API is ready; the parts that need it start then.
func (k *keeper) startAPI() error {
	if err := k.run("kube-apiserver"); err != nil {
		return err
	}
	ready := func() bool {
		return k.ask(func(ctx context.Context, client kubernetes.Interface) error {
			return client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
		})
	}
	if err := until("the API", ready); err != nil {
		return err
	}
	return k.run(onTheAPI...)
}

// habitable says whether a pod could run: there are nodes, and the default service account.
func (k *keeper) habitable() bool {
	return k.ask(func(ctx context.Context, client kubernetes.Interface) error {
		if _, err := client.CoreV1().ServiceAccounts("default").Get(ctx, "default", meta.GetOptions{}); err != nil {
			return err
		}
		nodes, err := client.CoreV1().Nodes().List(ctx, meta.ListOptions{})
		if err != nil {
			return err
		}
		if len(nodes.Items) < len(firstNodes) {
			return fmt.Errorf("%d nodes", len(nodes.Items))
		}
		for _, node := range nodes.Items {
			if !isReady(&node) || len(node.Spec.Taints) > 0 {
				return fmt.Errorf("%s is not ready", node.Name)
			}
		}
		return nil
	})
}

func isReady(node *core.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == core.NodeReady {
			return condition.Status == core.ConditionTrue
		}
	}
	return false
}

// ask says whether the API answers a question, as an administrator, without an error.
func (k *keeper) ask(question func(context.Context, kubernetes.Interface) error) bool {
	config, err := clientcmd.BuildConfigFromFlags("", k.folder+"/kubelet.kubeconfig")
	if err != nil {
		return false
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return question(ctx, client) == nil
}

func until(what string, holds func() bool) error {
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("%s did not come in %s", what, patience)
		}
	}
	return nil
}
