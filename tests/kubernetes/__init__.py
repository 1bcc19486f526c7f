"""Tests of the package cluster, on a real API server. (tests/cluster is the cluster that end-to-end tests run on.)"""
