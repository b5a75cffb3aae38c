package main

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What a pod may say in its annotations about how it behaves.
const (
	startAnnotation    = "drillmaster.test/start"    // how long until it runs
	stopAnnotation     = "drillmaster.test/stop"     // how long it takes to end
	readyAnnotation    = "drillmaster.test/ready"    // "false": it runs and is not ready
	restartsAnnotation = "drillmaster.test/restarts" // how often its containers were restarted
)

// An image with this in its name or tag cannot be pulled.
const noImage = "does-not-exist"

const (
	defaultStart = 200 * time.Millisecond
	defaultStop  = 200 * time.Millisecond
)

// see takes a pod one step further, if a step is due.
func (k *kubelet) see(ctx context.Context, key string) error {
	object, exists, err := k.pods.GetByKey(key)
	if err != nil || !exists {
		return err
	}
	pod := object.(*core.Pod)
	node, known, err := k.nodes.GetByKey(pod.Spec.NodeName)
	if err != nil || known && node.(*core.Node).Labels[fakeLabel] != "true" {
		return err
	}
	if pod.DeletionTimestamp != nil {
		if !k.wait(key, pod, "stop", lasting(pod, stopAnnotation, defaultStop)) {
			return nil
		}
		return k.finalise(ctx, pod)
	}
	if !known {
		k.queue.AddAfter(key, time.Second) // a new node, or one that is gone
		return nil
	}
	if !k.wait(key, pod, "start", lasting(pod, startAnnotation, defaultStart)) {
		return nil
	}
	trouble, err := k.trouble(ctx, pod)
	if err != nil {
		return err
	}
	if trouble != nil {
		k.queue.AddAfter(key, time.Second) // it may be mended without a change of the pod
	}
	return k.report(ctx, pod, trouble)
}

// finalise removes a pod that has ended, as a kubelet does.
func (k *kubelet) finalise(ctx context.Context, pod *core.Pod) error {
	now := int64(0)
	err := k.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, meta.DeleteOptions{
		GracePeriodSeconds: &now, Preconditions: meta.NewUIDPreconditions(string(pod.UID)),
	})
	if err != nil && !errors.IsNotFound(err) && !errors.IsConflict(err) {
		return err
	}
	delete(k.due, string(pod.UID)+"start")
	delete(k.due, string(pod.UID)+"stop")
	return nil
}

// report says how a pod is, where that is not known yet.
func (k *kubelet) report(ctx context.Context, pod *core.Pod, trouble *core.ContainerStateWaiting) error {
	said := pod.DeepCopy()
	status := &said.Status
	if status.PodIP == "" {
		k.ips++
		status.PodIP = fmt.Sprintf("10.244.%d.%d", k.ips/250%250, k.ips%250+1)
		status.PodIPs = []core.PodIP{{IP: status.PodIP}}
		now := meta.Now()
		status.StartTime = &now
	}
	ready := trouble == nil && pod.Annotations[readyAnnotation] != "false"
	if status.Phase != core.PodRunning && trouble == nil {
		status.Phase = core.PodRunning
	}
	status.ContainerStatuses = nil
	for _, container := range pod.Spec.Containers {
		status.ContainerStatuses = append(status.ContainerStatuses, stateOf(pod, container, ready, trouble))
	}
	for _, kind := range []core.PodConditionType{core.PodInitialized, core.ContainersReady, core.PodReady} {
		setCondition(status, kind, ready || kind == core.PodInitialized)
	}
	if reflect.DeepEqual(status, &pod.Status) {
		return nil
	}
	_, err := k.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, said, meta.UpdateOptions{})
	if err == nil && trouble != nil {
		k.events.Event(pod, core.EventTypeWarning, eventOf[trouble.Reason], trouble.Message)
	}
	if errors.IsNotFound(err) || errors.IsConflict(err) {
		return nil // there is news of it already, or soon
	}
	return err
}

// stateOf is the state of one container, with what is known already of an earlier one.
func stateOf(
	pod *core.Pod, container core.Container, ready bool, trouble *core.ContainerStateWaiting,
) core.ContainerStatus {
	running := trouble == nil
	now := core.ContainerStatus{
		Name: container.Name, Image: container.Image, Ready: ready, Started: &running,
		State: core.ContainerState{Waiting: trouble},
	}
	if !running {
		return now
	}
	restarts, _ := strconv.Atoi(pod.Annotations[restartsAnnotation])
	now.RestartCount = int32(restarts)
	now.ImageID = container.Image
	now.ContainerID = fmt.Sprintf("fake://%s/%s/%d", pod.UID, container.Name, restarts)
	for _, before := range pod.Status.ContainerStatuses {
		if before.Name != container.Name {
			continue
		}
		if before.ContainerID == now.ContainerID {
			now.State, now.LastTerminationState = before.State, before.LastTerminationState
			return now
		}
		if before.State.Running != nil {
			now.LastTerminationState.Terminated = &core.ContainerStateTerminated{
				ExitCode: 137, Reason: "Error", ContainerID: before.ContainerID,
				StartedAt: before.State.Running.StartedAt, FinishedAt: meta.Now(),
			}
		}
	}
	now.State.Running = &core.ContainerStateRunning{StartedAt: meta.Now()}
	return now
}

func setCondition(status *core.PodStatus, kind core.PodConditionType, holds bool) {
	value := core.ConditionFalse
	if holds {
		value = core.ConditionTrue
	}
	for i := range status.Conditions {
		if condition := &status.Conditions[i]; condition.Type == kind {
			if condition.Status != value {
				condition.Status, condition.LastTransitionTime = value, meta.Now()
			}
			return
		}
	}
	status.Conditions = append(status.Conditions, core.PodCondition{
		Type: kind, Status: value, LastTransitionTime: meta.Now(),
	})
}

func lasting(pod *core.Pod, annotation string, otherwise time.Duration) time.Duration {
	if said, err := time.ParseDuration(pod.Annotations[annotation]); err == nil {
		return said
	}
	return otherwise
}

// pullable says whether an image can be pulled. No name below `.invalid` resolves (RFC 2606).
func pullable(image string) bool {
	host, _, _ := strings.Cut(strings.Split(image, "/")[0], ":")
	return !strings.Contains(image, noImage) && !strings.HasSuffix(host, ".invalid")
}
