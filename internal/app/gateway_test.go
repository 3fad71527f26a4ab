package app_test

import "testing"

func TestPathPrefixAndGatewayHeader(t *testing.T) {
	t.Parallel()
	const key = "gw-Key/7 with+odd=characters"
	for _, dialect := range dialects {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			// consent is on another host, and the gateway tells the server who is in front of it
			s := serve(t, dialect, "--www", "127.0.0.1:0", "--trusted-proxy", "127.0.0.1")
			address := gateway(t, s.api, "/km", key)
			file := edited(t, s.file(dialect), func(f fields) {
				f["base_url"], f["headers"] = address, fields{"X-Gateway-Key": "${GW_KEY}"}
			})
			o := gonogoIn(t.Context(), map[string]string{"GW_KEY": key}, "check", "--target", file)
			o.exits(t, 0, "  at           "+address)

			locked := gonogoIn(t.Context(), map[string]string{"GW_KEY": "another key"}, "check", "--target", file)
			locked.exits(t, 3)
		})
	}
}

func TestPagesOnTheHostOfTheAPI(t *testing.T) {
	t.Parallel()
	s := serve(t, "kitchenmonki")
	file := edited(t, s.file("kitchenmonki"), func(f fields) { delete(f, "servers") })
	gonogo(t, "check", "--target", file).exits(t, 0)
}
