package scene

// LesserForwarding are headers that a proxy says the sender's address with, those of single products and frameworks. They are sent all at once: who is let in then
// believes one of them, and only then is it asked which.
var LesserForwarding = []string{
	"CF-Connecting-IP", "Client-IP", "X-Cluster-Client-IP", "X-Originating-IP", "X-Remote-IP", "X-Remote-Addr",
	"Remote-Addr", "Fastly-Client-IP", "Fly-Client-IP", "X-Forwarded-Client-IP", "X-Original-Forwarded-For", "X-Forwarded",
	"Forwarded-For", "X-Forwarded-IP", "X-Vercel-Forwarded-For", "Proxy-Client-IP", "WL-Proxy-Client-IP", "X-ProxyUser-IP",
	"X-Envoy-External-Address", "X-Azure-ClientIP", "X-Azure-SocketIP", "X-AppEngine-User-IP", "X-NF-Client-Connection-IP",
	"DO-Connecting-IP", "Incap-Client-IP", "Ali-CDN-Real-IP", "CDN-Src-IP", "X-Real-Client-IP", "X-Source-IP",
	"X-Custom-IP-Authorization", "X-Forwarded-Host", "X-Forwarded-Server", "X-Original-Host", "X-Host",
}
