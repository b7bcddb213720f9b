# What the original's client does with a download: Net::HTTP in blocks, each into the digest and into the file (spec/vpsadmin 4.2).
require 'digest'
require 'net/http'

digest = Digest::SHA256.new
uri = URI(ARGV[0])

File.open(ARGV[1], 'wb') do |file|
  Net::HTTP.start(uri.host, uri.port) do |http|
    http.request_get(uri.path) do |response|
      response.read_body do |block|
        file.write(block)
        digest << block
      end
    end
  end
end

puts digest.hexdigest
