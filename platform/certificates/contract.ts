export type Certificate = Readonly<{ certPem: string; keyPem: string }>

/** The local certificate authority of one installation. */
export type Authority = Readonly<{
  /** PEM file of our root alone. */
  rootFile: string
  /** PEM file: the user's or system's authorities and our root, for `NODE_EXTRA_CA_CERTS` etc. */
  bundleFile: string
  /** Certificate for one host name or IP address, minted on first use and cached on disk. */
  leaf: (name: string) => Promise<Certificate>
  /** The same as files, for servers that want paths. */
  leafFiles: (name: string) => Promise<{ certFile: string; keyFile: string }>
}>
