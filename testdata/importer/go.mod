module example.com/kitchen

go 1.26.8

require (
	github.com/onsi/ginkgo/v2 v2.34.0
	github.com/onsi/gomega v1.44.0
	gonogo v0.0.0
)

replace gonogo => ../..
