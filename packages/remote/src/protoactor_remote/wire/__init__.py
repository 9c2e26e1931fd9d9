"""Wire format of remoting, generated from the .proto files beside this."""
