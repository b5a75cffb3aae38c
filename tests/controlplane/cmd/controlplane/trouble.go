package main

import (
	"context"
	"fmt"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// eventOf names the event that a kubelet records when it reports a reason.
var eventOf = map[string]string{"ImagePullBackOff": "BackOff", "CreateContainerConfigError": "Failed"}

// trouble says why the containers of a pod cannot start, or nil where they can. Containers that
// run are past that: a key that is removed later does not stop them.
func (k *kubelet) trouble(ctx context.Context, pod *core.Pod) (*core.ContainerStateWaiting, error) {
	if pod.Status.Phase == core.PodRunning {
		return nil, nil
	}
	for _, container := range pod.Spec.Containers {
		if !pullable(container.Image) {
			why := fmt.Sprintf("Back-off pulling image %q", container.Image)
			return &core.ContainerStateWaiting{Reason: "ImagePullBackOff", Message: why}, nil
		}
		for _, needed := range needs(container) {
			why, err := k.lacks(ctx, pod.Namespace, needed)
			if err != nil {
				return nil, err
			}
			if why != "" {
				return &core.ContainerStateWaiting{Reason: "CreateContainerConfigError", Message: why}, nil
			}
		}
	}
	return nil, nil
}

// need is a ConfigMap or Secret, or a key of one, without which a container does not start.
type need struct {
	secret    bool
	name, key string
}

// needs lists what the environment of a container is made from, but for what is optional.
func needs(container core.Container) []need {
	var found []need
	add := func(optional *bool, needed need) {
		if optional == nil || !*optional {
			found = append(found, needed)
		}
	}
	for _, variable := range container.Env {
		if variable.ValueFrom == nil {
			continue
		}
		if ref := variable.ValueFrom.ConfigMapKeyRef; ref != nil {
			add(ref.Optional, need{false, ref.Name, ref.Key})
		}
		if ref := variable.ValueFrom.SecretKeyRef; ref != nil {
			add(ref.Optional, need{true, ref.Name, ref.Key})
		}
	}
	for _, from := range container.EnvFrom {
		if ref := from.ConfigMapRef; ref != nil {
			add(ref.Optional, need{false, ref.Name, ""})
		}
		if ref := from.SecretRef; ref != nil {
			add(ref.Optional, need{true, ref.Name, ""})
		}
	}
	return found
}

// lacks says what is not there of a need.
func (k *kubelet) lacks(ctx context.Context, namespace string, needed need) (string, error) {
	kind, has := "configmap", false
	var err error
	if needed.secret {
		kind = "secret"
		var secret *core.Secret
		secret, err = k.client.CoreV1().Secrets(namespace).Get(ctx, needed.name, meta.GetOptions{})
		if err == nil {
			_, has = secret.Data[needed.key]
		}
	} else {
		var config *core.ConfigMap
		config, err = k.client.CoreV1().ConfigMaps(namespace).Get(ctx, needed.name, meta.GetOptions{})
		if err == nil {
			_, has = config.Data[needed.key]
		}
	}
	if errors.IsNotFound(err) {
		return fmt.Sprintf("%s %q not found", kind, needed.name), nil
	}
	if err == nil && needed.key != "" && !has {
		return fmt.Sprintf("couldn't find key %s in %s %s/%s", needed.key, kind, namespace, needed.name), nil
	}
	return "", err
}
