package main

import (
	"encoding/hex"

	"github.com/asynkron/protoactor-go/actor"
	"github.com/asynkron/protoactor-go/remote"
	"google.golang.org/protobuf/proto"
)

const (
	own  = "127.0.0.1:9000"
	peer = "127.0.0.1:8090"
)

func print(name string, message *remote.RemoteMessage) {
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		panic(err)
	}
	say("%s %s", name, hex.EncodeToString(data))
}

func batch(typeName string, envelope *remote.MessageEnvelope, senders ...*actor.PID) *remote.RemoteMessage {
	return &remote.RemoteMessage{MessageType: &remote.RemoteMessage_MessageBatch{
		MessageBatch: &remote.MessageBatch{
			TypeNames: []string{typeName},
			Targets:   []string{"echo"},
			Envelopes: []*remote.MessageEnvelope{envelope},
			Senders:   senders,
		},
	}}
}

// vectors prints what protoactor-go's own types look like on the wire.
func vectors() {
	server := &remote.ServerConnection{MemberId: "py1", Address: own}
	print("connect", &remote.RemoteMessage{MessageType: &remote.RemoteMessage_ConnectRequest{
		ConnectRequest: &remote.ConnectRequest{
			ConnectionType: &remote.ConnectRequest_ServerConnection{ServerConnection: server},
		},
	}})
	print("response", &remote.RemoteMessage{MessageType: &remote.RemoteMessage_ConnectResponse{
		ConnectResponse: &remote.ConnectResponse{MemberId: "go1"},
	}})
	print("blocked", &remote.RemoteMessage{MessageType: &remote.RemoteMessage_ConnectResponse{
		ConnectResponse: &remote.ConnectResponse{MemberId: "go1", Blocked: true},
	}})
	print("disconnect", &remote.RemoteMessage{MessageType: &remote.RemoteMessage_DisconnectRequest{
		DisconnectRequest: &remote.DisconnectRequest{},
	}})
	print("touch", batch("actor.Touch", &remote.MessageEnvelope{Sender: 1}, actor.NewPID(own, "future$1")))
	watch, err := proto.Marshal(&actor.Watch{Watcher: actor.NewPID(own, "$7")})
	if err != nil {
		panic(err)
	}
	print("watch", batch("actor.Watch", &remote.MessageEnvelope{MessageData: watch, TargetRequestId: 5}))
}
