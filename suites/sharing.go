package suites

import (
	"slices"

	"gonogo/internal/target"
)

// Sharing groups targets, by index, that must not be checked side by side because one control serves them: a
// clock that one run moves ages the tokens of the other, and a secret that it regenerates locks the other out.
func Sharing(targets []*target.Target) [][]int {
	var groups [][]int
	for i, t := range targets {
		hosts := controls(t)
		meets := func(group []int) bool {
			return slices.ContainsFunc(group, func(other int) bool {
				return slices.ContainsFunc(controls(targets[other]), func(host string) bool { return slices.Contains(hosts, host) })
			})
		}
		group := []int{i}
		for _, g := range groups {
			if meets(g) {
				group = append(g, group...)
			}
		}
		slices.Sort(group) // the user's order
		groups = append(slices.DeleteFunc(groups, meets), group)
	}
	return groups
}

// controls are the hosts of a target's control APIs.
func controls(t *target.Target) []string {
	var hosts []string
	if t.Clock != nil {
		hosts = append(hosts, t.Clock.Advance.URL.Host)
	}
	if t.Operator.RotateSecret != nil {
		hosts = append(hosts, t.Operator.RotateSecret.URL.Host)
	}
	return hosts
}
