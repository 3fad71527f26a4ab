package app

import (
	"errors"
	"strconv"
	"strings"

	"github.com/onsi/ginkgo/v2/types"
)

// labelFilter reads --label-filter in Ginkgo's language, so that one expression chooses the same cases here and
// in the suites.
func labelFilter(expression string) (types.LabelFilter, error) {
	filter, err := types.ParseLabelFilter(expression)
	if err != nil {
		return nil, usagef("--label-filter %s: %s", strconv.Quote(expression), reasonOf(err))
	}
	return filter, nil
}

// reasonOf is Ginkgo's reason without its page: the expression with a colour at the place, a line break, the
// reason.
func reasonOf(err error) string {
	var ginkgo types.GinkgoError
	if !errors.As(err, &ginkgo) {
		return err.Error()
	}
	marked, reason, ok := strings.Cut(ginkgo.Message, "\n")
	if !ok {
		return ginkgo.Message
	}
	reason = strings.TrimSuffix(reason, ".")
	if at := strings.Index(marked, "{{red}}"); at >= 0 {
		reason += ", at character " + strconv.Itoa(len([]rune(marked[:at]))+1)
	}
	return reason
}
