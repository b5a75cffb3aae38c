// Command controlplane is a Kubernetes control plane for tests, in one program: the real API
// server, controller manager and scheduler over an etcd of their own, and a kubelet that only
// says that it runs containers. Each part is a process of its own, as the first argument says.
//
// `controlplane start NAME` starts all of them. See keeper.go for how they end.
package main

import (
	"fmt"
	"os"

	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllers "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

func main() {
	if len(os.Args) < 2 {
		end(fmt.Errorf("usage: controlplane start NAME"))
	}
	os.Args = os.Args[1:]
	switch arguments := os.Args[1:]; os.Args[0] {
	case "start":
		end(startKeeper(arguments))
	case "keep":
		end(keep())
	case "etcd":
		end(runEtcd(arguments))
	case "kubelet":
		end(runKubelet(arguments))
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllers.NewControllerManagerCommand()))
	case "kube-scheduler":
		os.Exit(cli.Run(scheduler.NewSchedulerCommand()))
	default:
		end(fmt.Errorf("there is no part %q", os.Args[0]))
	}
}

func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "controlplane:", err)
		os.Exit(1)
	}
	os.Exit(0)
}
