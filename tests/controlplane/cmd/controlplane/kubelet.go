package main

import (
	"context"
	"fmt"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typed "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"
)

// kubelet stands in for the kubelets of all nodes. It runs nothing. It says of pods what a
// kubelet would say, soon after it would, so that everything above it behaves as it always does.
type kubelet struct {
	client kubernetes.Interface
	pods   cache.Indexer
	nodes  cache.Indexer
	events record.EventRecorder
	queue  workqueue.TypedRateLimitingInterface[string]
	due    map[string]time.Time // when the next step of a pod is due; of one worker alone
	ips    int
}

func runKubelet(arguments []string) error {
	config, err := clientcmd.BuildConfigFromFlags("", arguments[0])
	if err != nil {
		return err
	}
	config.QPS = -1 // a runaway scale must not wait for us
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	pods, nodes := factory.Core().V1().Pods().Informer(), factory.Core().V1().Nodes().Informer()
	broadcaster := record.NewBroadcaster()
	broadcaster.StartRecordingToSink(&typed.EventSinkImpl{Interface: client.CoreV1().Events("")})
	k := &kubelet{
		events: broadcaster.NewRecorder(scheme.Scheme, core.EventSource{Component: "kubelet"}),
		client: client, pods: pods.GetIndexer(), nodes: nodes.GetIndexer(),
		due: map[string]time.Time{},
		queue: workqueue.NewTypedRateLimitingQueue(
			workqueue.NewTypedItemExponentialFailureRateLimiter[string](50*time.Millisecond, time.Second),
		),
	}
	if _, err := pods.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    k.noticed,
		UpdateFunc: func(_, pod any) { k.noticed(pod) },
	}); err != nil {
		return err
	}
	ctx := context.Background()
	factory.Start(ctx.Done())
	factory.WaitForCacheSync(ctx.Done())
	go k.keepNodes(ctx)
	for {
		key, _ := k.queue.Get()
		if err := k.see(ctx, key); err != nil {
			fmt.Println(key, err)
			k.queue.AddRateLimited(key)
		} else {
			k.queue.Forget(key)
		}
		k.queue.Done(key)
	}
}

func (k *kubelet) noticed(object any) {
	if pod := object.(*core.Pod); pod.Spec.NodeName != "" {
		k.queue.Add(pod.Namespace + "/" + pod.Name)
	}
}

// wait says whether a step of a pod is due, and looks again when it will be.
func (k *kubelet) wait(key string, pod *core.Pod, step string, delay time.Duration) bool {
	id := string(pod.UID) + step
	due, known := k.due[id]
	if !known {
		due = time.Now().Add(delay)
		k.due[id] = due
	}
	if left := time.Until(due); left > 0 {
		k.queue.AddAfter(key, left)
		return false
	}
	return true
}
