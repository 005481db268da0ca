// Package demo fills a file with a believable small shop.
package demo
