package main

import (
	"context"
	"fmt"
	"time"

	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Nodes that are there from the start. Any other node with the label is kept Ready as well, so a
// test can make one of its own.
var firstNodes = []string{"node-1", "node-2", "node-3"}

const (
	fakeLabel = "drillmaster.test/fake"
	heartbeat = 5 * time.Second
	leases    = "kube-node-lease"
)

// keepNodes keeps nodes Ready for as long as the process lives.
func (k *kubelet) keepNodes(ctx context.Context) {
	for _, name := range firstNodes {
		node := &core.Node{ObjectMeta: meta.ObjectMeta{Name: name, Labels: map[string]string{
			fakeLabel: "true", "kubernetes.io/hostname": name, "kubernetes.io/os": "linux",
		}}}
		_, err := k.client.CoreV1().Nodes().Create(ctx, node, meta.CreateOptions{})
		if err != nil && !errors.IsAlreadyExists(err) {
			fmt.Println(name, err)
		}
	}
	renewed := map[string]time.Time{}
	for ; ; time.Sleep(100 * time.Millisecond) {
		for _, object := range k.nodes.List() {
			node := object.(*core.Node)
			if node.Labels[fakeLabel] != "true" || time.Since(renewed[node.Name]) < heartbeat {
				continue
			}
			if err := k.keepNode(ctx, node); err != nil {
				fmt.Println(node.Name, err)
				continue
			}
			renewed[node.Name] = time.Now()
		}
	}
}

// keepNode says that a node is Ready, where that is not known, and renews its lease.
func (k *kubelet) keepNode(ctx context.Context, node *core.Node) error {
	if !isReady(node) {
		node = node.DeepCopy()
		size := core.ResourceList{
			core.ResourceCPU: resource.MustParse("64"), core.ResourceMemory: resource.MustParse("256Gi"),
			core.ResourcePods: resource.MustParse("500"),
		}
		node.Status.Capacity, node.Status.Allocatable = size, size
		node.Status.NodeInfo.KubeletVersion = "fake"
		node.Status.Conditions = []core.NodeCondition{{
			Type: core.NodeReady, Status: core.ConditionTrue, Reason: "KubeletReady",
			LastHeartbeatTime: meta.Now(), LastTransitionTime: meta.Now(),
		}}
		if _, err := k.client.CoreV1().Nodes().UpdateStatus(ctx, node, meta.UpdateOptions{}); err != nil {
			return err
		}
	}
	return k.renew(ctx, node.Name)
}

func (k *kubelet) renew(ctx context.Context, node string) error {
	now, seconds := meta.NowMicro(), int32(40)
	client := k.client.CoordinationV1().Leases(leases)
	lease, err := client.Get(ctx, node, meta.GetOptions{})
	if errors.IsNotFound(err) {
		_, err = client.Create(ctx, &coordination.Lease{
			ObjectMeta: meta.ObjectMeta{Name: node},
			Spec: coordination.LeaseSpec{
				HolderIdentity: &node, LeaseDurationSeconds: &seconds, RenewTime: &now,
			},
		}, meta.CreateOptions{})
		return err
	}
	if err != nil {
		return err
	}
	lease.Spec.RenewTime = &now
	_, err = client.Update(ctx, lease, meta.UpdateOptions{})
	return err
}
