package oauth2

import ()

const openIDPath = "/.well-known/openid-configuration"
