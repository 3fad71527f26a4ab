package main

import "context"

func (w *workshop) commands(context.Context) error { return nil }
