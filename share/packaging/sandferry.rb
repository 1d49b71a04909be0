# A formula for Homebrew on Linux.  To be filled in with the first release: the
# .invalid addresses, and the url and sha256 of what `make dist' makes; until then
# only `brew install --HEAD' can work.  Its syntax is checked; brew has not seen
# it.
class Sandferry < Formula
  desc "Publish a web site over SFTP or FTP, and never half of it"
  homepage "https://sandferry.invalid/"
  # url "https://sandferry.invalid/sandferry-0.1.0.tar.gz"
  # sha256 "..."
  license "ISC"
  head "https://sandferry.invalid/sandferry.git", branch: "main"

  depends_on "pkgconf" => :build
  depends_on "brotli"
  depends_on "curl"
  depends_on "inih"
  depends_on "jansson"
  depends_on "libssh2"
  # The walls are Landlock and seccomp: there is no build for macOS.
  depends_on :linux
  depends_on "openssl@3"
  depends_on "utf8proc"
  depends_on "zlib"

  def install
    system "make", "install", "PREFIX=#{prefix}", "MANDIR=#{man}",
           "DOCDIR=#{doc}", "LIBSSH2=system"
  end

  test do
    (testpath/"site/index.html").write "<h1>Home</h1>"
    (testpath/"www").mkpath
    system bin/"sandferry", "publish", "--no-input", "--source",
           testpath/"site", "--url", "file://#{testpath}/www"
    assert_path_exists testpath/"www/index.html"
  end
end
