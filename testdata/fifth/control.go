package fifth

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// answerControl moves the clock and changes locks.
func (s *Server) answerControl(q ask) answer {
	switch q.method + " " + q.path {
	case "PUT /clock":
		amount, ok := strings.CutPrefix(strings.TrimSpace(string(q.body)), "forward ")
		seconds, err := strconv.ParseFloat(amount, 64)
		if !ok || err != nil || seconds < 0 || seconds > 1e9 {
			return text(http.StatusBadRequest, "say: forward SECONDS")
		}
		s.Advance(time.Duration(seconds * float64(time.Second)))
		return text(http.StatusOK, s.now().UTC().Format(time.RFC3339Nano))
	case "POST /lock":
		var order struct {
			Client string `json:"client"`
		}
		if err := json.Unmarshal(q.body, &order); err != nil {
			return text(http.StatusBadRequest, `say: {"client": "its id"}`)
		}
		secret, ok := s.Regenerate(order.Client)
		if !ok {
			return text(http.StatusNotFound, "there is no such client")
		}
		return data(http.StatusOK, map[string]any{"fresh": map[string]string{"secret": secret}})
	}
	return text(http.StatusNotFound, "PUT /clock or POST /lock")
}
