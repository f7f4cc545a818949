#!/usr/bin/env bash
# Installs what the fast reader needs into Python 3.11 of a node: exactly what requirements/fast.txt names, hashes checked,
# on x86 and Graviton alike. Again it does nothing. Off EMR it installs nothing, unless --python says where.
# Ends with 0, or 64 wrong usage, 69 something cannot be had, 70 what was installed does not load.
#
# usage: fast_reader.sh [--wheels s3://BUCKET/PREFIX|FOLDER] [--python PATH]
#   --wheels  where the wheels are, for nodes that reach no package index; nothing else is asked then
#   --python  the Python to install into, such as that of a custom image [python3.11]
set -euo pipefail

refuse() { # CODE MESSAGE
  echo "fast_reader.sh: $2" >&2
  exit "$1"
}
say() { echo "fast_reader.sh: $1"; }

wheels='' python=''
while [ $# -gt 0 ]; do
  case "$1" in
    --wheels | --python) [ -n "${2:-}" ] || refuse 64 "$1: expected a value after it, got none" ;;&
    --wheels) wheels=${2%/}; shift 2 ;;
    --python) python=$2; shift 2 ;;
    *) refuse 64 "unknown argument '$1'; accepted: --wheels s3://BUCKET/PREFIX|FOLDER, --python PATH" ;;
  esac
done
case "$wheels" in
  '' | s3://?*) ;;
  *) [ -d "$wheels" ] || refuse 64 "--wheels: expected s3://BUCKET/PREFIX or a folder that is there, got '$wheels'" ;;
esac

# https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-bootstrap.html tells a node by that file.
if [ -z "$python" ] && [ ! -e /mnt/var/lib/info/instance.json ] && [ ! -d /emr ]; then
  say "this is no node of Amazon EMR: nothing was installed; steps have what scripts/setup installs"
  exit 0
fi
python=${python:-python3.11}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
lock=$folder/fast.txt
# scripts/lock writes it anew.
cat >"$lock" <<'LOCK'
duckdb==2.0.0 \
    --hash=sha256:09de511ef0dc76a5213e8d3d87a8b89bb4d3e8a6fe73a9f60dc001269946b44f \
    --hash=sha256:46c7a299ff5f45be9068cfc0ceecb3fd574af9535de8cb6908ae8b52d2846cbd \
    --hash=sha256:5a3601121c7cc50d0b70412995634682fafcb58a0156d5d663dfd0b3bbe30a33 \
    --hash=sha256:61a244faae9fd787e30f4c76888769ec49e79736c434f698e8178a00af8348f0 \
    --hash=sha256:62bea9a1786be98d2906197c67a4089cc8b34d66d19e87e5543d8201e81323ad \
    --hash=sha256:9bcc9921be0e1b2404b96a7fb447a8b80fe2f3a919cdc976ca6c39951cc8f2f5 \
    --hash=sha256:a387d4907b535a4bd82ba8aede6809d0bf023dfbb21362832f3c9848aea7743c \
    --hash=sha256:a3b38d8cdbef10007c64b65efc4087f799c4dc606785aa5f2a425ed13658ca01 \
    --hash=sha256:ab51ec57d329d6f3df37c0287b55d71c3fc07bb54b61d1afed09104f953b1431 \
    --hash=sha256:b5d758b53751c930e09d371230241005ea5203c8edc65a1e1fafca83fcc906ef \
    --hash=sha256:bcdf10dfbc2c1a6bdc5b2a94bba5b15481e552c5745c2af1994617b0eb6bc750 \
    --hash=sha256:c5e6708efaa8647e0914a16f1914354419e529a1925929950e7d610418e45873 \
    --hash=sha256:cb1cc30318397c3bcffa6b683196293698052588de3c1ba1e144ba0c72560ce9 \
    --hash=sha256:e38daf0acbad9de7ce892d402b68409519291ee16af3c2cba85ace3b085c7eaa \
    --hash=sha256:f61c96547ed432f54dae42a717fd88563eda55cb47549715fac9f61f770c205a
isal==1.9.1 \
    --hash=sha256:0646bbf6f95bf440971b0dca81f008c5cd539db1dd252fb3eff9716128588c2f \
    --hash=sha256:0d8ff121bf826e9892731cffc947cd512b0a4e813c4b4f40cfbdb9c9d1a8fd22 \
    --hash=sha256:106ea839feb84ace28a043cea09e46505f38a039cf8c4b38b1c1f409e6420858 \
    --hash=sha256:11f31e8e57a059a3f6e812d2977820fcf10ec5da3f334cee13f5821ddfd428fe \
    --hash=sha256:1811804095c5773191dc8d9ba2134b42f21b3d1d43be0af5b3ae89d54ea0a1a9 \
    --hash=sha256:1ba167139ed85d3a6c036cf393d5ed7e6a0854cf0085bec27e7706be07ca59a4 \
    --hash=sha256:1e6e038cccf81372f0587f1109e00596ffd17b43b9377ed17ac33942d52a9ba2 \
    --hash=sha256:1f331fdcc7ab52c9ab8922e4bcfaccd383d011cf1091bac19e344c6689141f79 \
    --hash=sha256:242b472da5e9613acdbb51c4b42e15f62c64758c600fd094196c2b83ad5e461f \
    --hash=sha256:25751a9bb0e8eaabc09a1afd6abf5280cc447298025c0d57c44bce86088dc9e4 \
    --hash=sha256:27d7472b1fb02b8d9aa31273a735aae739a0b35349948e1630ce3e8910e4f674 \
    --hash=sha256:2b05bb8b78bb9ad81ed040be5a0a570cae41385a0c859fd7a5a8c818f9dd1ab5 \
    --hash=sha256:2cb783b82229d6ca517112d721a820d360bdc25d211f54bfa7da2ad032c6ed82 \
    --hash=sha256:2ddd321a6b61745220fa0371fe99ec6a0e397e3520994add5ef0755b363a01ce \
    --hash=sha256:389a345162a5423d53706be8fc1ad51e6cd5d733ddaf1ffd20908e114298717e \
    --hash=sha256:3a9098ea6bdeba3780198e6f809de15750f0ed8b69f8d1543a9495d51e128fb8 \
    --hash=sha256:3d409a52ada66a2be1849c16f9b12afc173d8da5f9b1541e3da981daf73abe0b \
    --hash=sha256:4537a733841de9b30866adaf7f4a040c53585571d1a7431e7a5163ebc0fe2132 \
    --hash=sha256:46b389eaea2072a9bcd9a12adae37e64e3197b0df0603707fd500d62dc9923e2 \
    --hash=sha256:479856dfd92354e8bbedfb76580461c187514df891825ca828c524aac9376ddb \
    --hash=sha256:4fd37751129ea989bb055121549832b2ccf055c07c35536bba5ac3cf2ad9577a \
    --hash=sha256:5475851364e3c0c42fb3b23a9228698a0c5ee177450fabbfa95f770af7e1a485 \
    --hash=sha256:58007efad0f82299992623b637687a9f2eddf7725571a0b5cb92d2730d7d923b \
    --hash=sha256:596f8cdc8582340776728a0d32ec08488225757b55ce21f8b9373e16d529285a \
    --hash=sha256:5ba6b5c13fb97e7c3c04677725177c40283fbd6c620c169070b231c4cb0cf4b3 \
    --hash=sha256:5d7d08aacb02a9d5ec185d7345bba43c5c85003fb314d2853d8eec0c0f55a65c \
    --hash=sha256:5e5ea909579d0ef0ebcb19b745e759c3939b882128a888d5501895a158351490 \
    --hash=sha256:61169f6418b6193ffb237d4ca4c631364f2e7c20280be2b548b63e01ff7f58a7 \
    --hash=sha256:62869c6cc61216b61cd05b0aa977dced41a183cc9ac3a64d99320e7709694485 \
    --hash=sha256:640565f20d258b2d04134e11ffd0da3f57bce62aa1ba87b45176186c6d61e57f \
    --hash=sha256:65251ba23050eeda984100fb4d34530de23639862562474c2c10c1cd5132b029 \
    --hash=sha256:684c2d295e9815b566da14b150bec252df1deff3a5b80ad420a35edfe8ca2c80 \
    --hash=sha256:6e4d805424994065b74f1d382e19085c0e3920d1a3860d769d1152fe12bc8b98 \
    --hash=sha256:71a8e992ed4da6f2fbf5e03885d2e80727204c499208d3fbca2c6d35291fe97d \
    --hash=sha256:7b03867197819e642047729a2f6c91e2941a0d2c4cc59e27860b3c1e8b607ecf \
    --hash=sha256:80cf805cc8c5f3ad18517280bcc313ae2e4d45168bdc76684f617ba647c9ea07 \
    --hash=sha256:84c785d80874b79e401f10e38fc65e204ba33b15ff705bddf24c0c9c94fc9f51 \
    --hash=sha256:85456c25150cb3608901641d355ee1f7b34f16c24db268e5b54a529b7a8e3c2d \
    --hash=sha256:868a844c5ebb2d8c1bae21e9b5bfcff4b087d583d32dffd19f2b14b2afd0a9cc \
    --hash=sha256:8a55c3b1314447ba41254d61a827cae9ae105f4f7b8919ad161708eaaf8d9a7e \
    --hash=sha256:8e320e4c1a8989f84292b6a3f27a7267f319503cbd858942f4fd2da299d78230 \
    --hash=sha256:92ad1a453db58811203e433e5a65cfd7614aa56e6be6b6e968e9da0ca80cc6d7 \
    --hash=sha256:94e7fd3bd4150d63cc6066068f5ebe3e1b58229479f1bce52adc1c60c8825a5b \
    --hash=sha256:98015aa2ec5ba2f816e4a22a2263d83f285ffa6f21c4a8ff44470f940e329493 \
    --hash=sha256:98895b7385ab7c5fdf397d1a6cfa680ffc541541b62f26d4d2f2604a79efe503 \
    --hash=sha256:98cc2ca8a16fbdb5d088df3496e3fe3fd1780635f51fe15774e6712c69b9bfe8 \
    --hash=sha256:9b06b13625059da7a959065d4a787d09667174e7e201930e2020d3d5ceb8bfcd \
    --hash=sha256:9f412f2d9f7102f09387a92217c41cbe073697431c97188b3c9b2e1fb022b18e \
    --hash=sha256:a2059238d509c871d181c13dd3e027936b2cec0275838aa2b12fd8deddbb2af8 \
    --hash=sha256:a5b2f93fc39b8be92c6547965143094ee4d6a5543ef2d762a0edb6f06201feb5 \
    --hash=sha256:a6a91d5258040eca637fcfbaa42e89063eebacae155abe17bd506012b51f3fb1 \
    --hash=sha256:a89b29c2c2994b01d47b6332ae7c0c30cf2e23a0cf7957a21cda7ee87f943955 \
    --hash=sha256:b644b707d2de0450f6640c1bb909278a9694c1578686b7dc88bb8a80232070c1 \
    --hash=sha256:bfc756a47cf2bb08286ee9073a3b6b9227e1cb17c4988c2492ad550c68a4802b \
    --hash=sha256:c3edd009bac730a06bd19bdc17374b97f1128165dfc5d80392559571dfee4730 \
    --hash=sha256:c8e7263fe1ccf2e4cc5592c260eb0271ce88f27e048eb73e8298b2ca0e282b3b \
    --hash=sha256:c95c65186c4317f9ae49d3364e98a9d9cd0b63530145f50d95444f8218c80305 \
    --hash=sha256:cce72f4e76b1e1b055aed595a0dfcaf06c72a0772fb14c3fe933d90bdb8b2d29 \
    --hash=sha256:cdc97119d6e740eb501197fd1aa4d31e8ee304d61020bb129c906503233988db \
    --hash=sha256:d210dca02a689ef2af709d2c62d2daac2e36b5d2fa06e6dc0d023c83fee77e91 \
    --hash=sha256:d45e3b91209556d0575c341984a02b316200785ee9231a859979c0a81a3ab6f8 \
    --hash=sha256:d6d7c7fd3381a060f94886c6d989c8924859c2f9072195f860c8dde956bfaf6a \
    --hash=sha256:d7aca5258b2abe11f2fe9a508e772037a6ad30d39f020160b52fb56b6260728a \
    --hash=sha256:dd678b395cee4c9b6f703f9aabb0d9a87afd6d41ca8a85e935a6ea77a137ab1c \
    --hash=sha256:e0bcd921fd8c573756e07a6c9fe6619b76f4ae3c29f88d7f926f08775e941be9 \
    --hash=sha256:e27445db176b96a10e41db95f9f2669a1f73ebd3d08d1c98264aab7b9d1dfd97 \
    --hash=sha256:e4ebbd5e31ca9064d9c0410c154ce69c0ef083d7a7dc1e397be72f88fd458ddc \
    --hash=sha256:ed91c946db077412164575eab440d74b20d194f9316eb5f94b318190324e5254 \
    --hash=sha256:f606ea7f78b9ecbf350c4931f8eba16a7424add16ff0975e7471745c4c91cc64 \
    --hash=sha256:f6b22c7ccdd88102394948d59603b07038dd67eecabcf72004b10956a861c205 \
    --hash=sha256:f891ff8ec9bb5596e6af7e37fc1acf0874542f03d4ab3942f988077f6663e25f \
    --hash=sha256:f8d1dc16854078d417cbf433fc08a8a3ebf0d1931f1e5270f41f0c19a21bbf10 \
    --hash=sha256:ff2418b001c73e6822bc287232d1fd2b9134fa29778b176edfaef36732147b3d
numpy==1.26.4 \
    --hash=sha256:03a8c78d01d9781b28a6989f6fa1bb2c4f2d51201cf99d3dd875df6fbd96b23b \
    --hash=sha256:08beddf13648eb95f8d867350f6a018a4be2e5ad54c8d8caed89ebca558b2818 \
    --hash=sha256:1af303d6b2210eb850fcf03064d364652b7120803a0b872f5211f5234b399f20 \
    --hash=sha256:1dda2e7b4ec9dd512f84935c5f126c8bd8b9f2fc001e9f54af255e8c5f16b0e0 \
    --hash=sha256:2a02aba9ed12e4ac4eb3ea9421c420301a0c6460d9830d74a9df87efa4912010 \
    --hash=sha256:2e4ee3380d6de9c9ec04745830fd9e2eccb3e6cf790d39d7b98ffd19b0dd754a \
    --hash=sha256:3373d5d70a5fe74a2c1bb6d2cfd9609ecf686d47a2d7b1d37a8f3b6bf6003aea \
    --hash=sha256:47711010ad8555514b434df65f7d7b076bb8261df1ca9bb78f53d3b2db02e95c \
    --hash=sha256:4c66707fabe114439db9068ee468c26bbdf909cac0fb58686a42a24de1760c71 \
    --hash=sha256:50193e430acfc1346175fcbdaa28ffec49947a06918b7b92130744e81e640110 \
    --hash=sha256:52b8b60467cd7dd1e9ed082188b4e6bb35aa5cdd01777621a1658910745b90be \
    --hash=sha256:60dedbb91afcbfdc9bc0b1f3f402804070deed7392c23eb7a7f07fa857868e8a \
    --hash=sha256:62b8e4b1e28009ef2846b4c7852046736bab361f7aeadeb6a5b89ebec3c7055a \
    --hash=sha256:666dbfb6ec68962c033a450943ded891bed2d54e6755e35e5835d63f4f6931d5 \
    --hash=sha256:675d61ffbfa78604709862923189bad94014bef562cc35cf61d3a07bba02a7ed \
    --hash=sha256:679b0076f67ecc0138fd2ede3a8fd196dddc2ad3254069bcb9faf9a79b1cebcd \
    --hash=sha256:7349ab0fa0c429c82442a27a9673fc802ffdb7c7775fad780226cb234965e53c \
    --hash=sha256:7ab55401287bfec946ced39700c053796e7cc0e3acbef09993a9ad2adba6ca6e \
    --hash=sha256:7e50d0a0cc3189f9cb0aeb3a6a6af18c16f59f004b866cd2be1c14b36134a4a0 \
    --hash=sha256:95a7476c59002f2f6c590b9b7b998306fba6a5aa646b1e22ddfeaf8f78c3a29c \
    --hash=sha256:96ff0b2ad353d8f990b63294c8986f1ec3cb19d749234014f4e7eb0112ceba5a \
    --hash=sha256:9fad7dcb1aac3c7f0584a5a8133e3a43eeb2fe127f47e3632d43d677c66c102b \
    --hash=sha256:9ff0f4f29c51e2803569d7a51c2304de5554655a60c5d776e35b4a41413830d0 \
    --hash=sha256:a354325ee03388678242a4d7ebcd08b5c727033fcff3b2f536aea978e15ee9e6 \
    --hash=sha256:a4abb4f9001ad2858e7ac189089c42178fcce737e4169dc61321660f1a96c7d2 \
    --hash=sha256:ab47dbe5cc8210f55aa58e4805fe224dac469cde56b9f731a4c098b91917159a \
    --hash=sha256:afedb719a9dcfc7eaf2287b839d8198e06dcd4cb5d276a3df279231138e83d30 \
    --hash=sha256:b3ce300f3644fb06443ee2222c2201dd3a89ea6040541412b8fa189341847218 \
    --hash=sha256:b97fe8060236edf3662adfc2c633f56a08ae30560c56310562cb4f95500022d5 \
    --hash=sha256:bfe25acf8b437eb2a8b2d49d443800a5f18508cd811fea3181723922a8a82b07 \
    --hash=sha256:cd25bcecc4974d09257ffcd1f098ee778f7834c3ad767fe5db785be9a4aa9cb2 \
    --hash=sha256:d209d8969599b27ad20994c8e41936ee0964e6da07478d6c35016bc386b66ad4 \
    --hash=sha256:d5241e0a80d808d70546c697135da2c613f30e28251ff8307eb72ba696945764 \
    --hash=sha256:edd8b5fe47dab091176d21bb6de568acdd906d1887a4584a15a9a96a1dca06ef \
    --hash=sha256:f870204a840a60da0b12273ef34f7051e98c3b5961b61b0c2c1be6dfd64fbcd3 \
    --hash=sha256:ffa75af20b44f8dba823498024771d5ac50620e6915abac414251bd971b4529f
pyarrow==25.0.1 \
    --hash=sha256:0b1edbb2f385a6a65e9711b62ba86ac54a7816a3f8d17bb3e8a5929d65fb2485 \
    --hash=sha256:0b726ad7e7b669be982b0c71c07fe4b037d654354130da79a7902a669e93a66b \
    --hash=sha256:0befcf816e45a1af33ac775a9970b749e4868a230c7372f0ae5e932bee27039f \
    --hash=sha256:0fe7c8b6c03969b49c8c66182e4a18e3819ab92d07cfab5d8370c531b9369ef0 \
    --hash=sha256:119297a6dc197e45d9c6d4415f7814a67ffa36c180d26f68c154c58067ae782d \
    --hash=sha256:169d3429d5be7c752125890620f75a60776d38b0035eddae939651640822332e \
    --hash=sha256:25f8720bf6387d5dc2ebd2622112de630760419e4b66134405dd24110d15f37e \
    --hash=sha256:31e49a7888fcdf3a835da33ae777f6bb9a866334e5a789282fc26dcf426f7f15 \
    --hash=sha256:35935cd5de130aa5cf4dea052a63e6bf2e17006c35c3a468194242b9b2bf5956 \
    --hash=sha256:38a9a4b4b9613380e200641891495a56c3d5a98a092db4a870af9975e220471d \
    --hash=sha256:3f89685964f46e4216103c75483aac0c0692a5f72212d7ca835adba5ede56ce3 \
    --hash=sha256:4288f27577352d608ca08553b0865e4a9b3aa14820c5d95b53337218d609835b \
    --hash=sha256:4340f0ba6c1d2e13f21658de1d7c662ca2545018568d0030a1e9afca159d87e3 \
    --hash=sha256:44a9120ce5bd81936b8ab9a88076e3fd47c2c6838e0e43630fed83626aca81d9 \
    --hash=sha256:4facd65742a024a4a366328a1d2292062d72d6e023c1b7dda8d4c37544933a25 \
    --hash=sha256:51093dd9e10325fbdb3c10a2ae7c4806e5c822d94e74ae4938b26524a3323fee \
    --hash=sha256:514ddb60285631af068875550c90eddc181db3e8e63a032b1559be189e82f056 \
    --hash=sha256:5389cdf79447ed1515c9e31620e6e1e2302249564d603f2ad727d4f6d313e4c3 \
    --hash=sha256:59a2de54c0cbd954da861eee4d1d330f8e909c45b53455baef696380f2c55033 \
    --hash=sha256:60e89d8f13861a1f7f8d950fa54aebb8023b30734d0ac51ffa80beabe2df4bba \
    --hash=sha256:6109c94d8b9f3b17a041daca16cacb2f651ad8f1ef70a4232c2c0f37a23da2a8 \
    --hash=sha256:62cd0d785b8aa6675ee355f9fc02252a340f4441257c42674937826fd7594325 \
    --hash=sha256:6943e2fe7954d29d84de45d29d34c8dc36ce96570e67d89aa9976e650a4a9138 \
    --hash=sha256:6a1fdfc6659b6b19022f2e50627fb5cf7156a66c46bf4299379955cbe742382a \
    --hash=sha256:880523be3d29efcf83d3998835d206118ccf35e3871dbd2fb60408cf6b007a80 \
    --hash=sha256:8858d7bfc22e3f51529aeaa4077225029724623e4595dc9eff8c793935c34140 \
    --hash=sha256:9150a83248bfed9813ea3c3af74c3856c1984d444aa28e58bf7733b9750ddf6a \
    --hash=sha256:9171748cdf796972d85a4b60157c279913e242992e350c90c7450182a9838b2a \
    --hash=sha256:a4d6d5e9a3d1879a97c08ded0c797579b7965eafd0f0c26c30b45ccc06db939b \
    --hash=sha256:a4dd8bf99a8fac133efc0ed6a92f5fddbe2adba0d0f6dd720e39ba9855cea85c \
    --hash=sha256:aa0559502e1cd6254d6814614085dd9c5a3dd0419362978a936a3f68a9e5c3df \
    --hash=sha256:b7a296aac7a71fa0886c08e155ddb6c636a50013f801f6178daafa0f9e726188 \
    --hash=sha256:bddd0c4f7630c2a3ddf6347c1bdaa79d97bcf6bd445f9e60c816b7d77c85a5ae \
    --hash=sha256:bf0b672390cdcb640d7288f96b826d71ff4e9abb254a86c89890baf51a29cee6 \
    --hash=sha256:c7c534ec03c358a76ea3e505e74c1b6aef290af90c444dfd092dbfe23e755b85 \
    --hash=sha256:cab40b1edfef0262e0e5251aa2c58d75630f24d06dd7794480243acc001a1d7d \
    --hash=sha256:cc4aa407fde9fc660be3939e49ea31f50f3e9fec17c0ec63159f7711edd3efc9 \
    --hash=sha256:d51592cb7561e87877c506113e7adbf1342ab579e6c21f0ef44b8ba41cb74c80 \
    --hash=sha256:dda9470024204d7bbf2042b47c6e8a0e47a3eeb8e34405882dfaea6577e0c153 \
    --hash=sha256:df961f2e7ae9cf496459259d798652c70625f6c080650d6952f8c04053c58ee9 \
    --hash=sha256:eb6203482ff3746a5632303a7279ae0b5a304c46985b49ed1378cb350ea6728d \
    --hash=sha256:f3831aaa25c67a99f99dc8b05873cb9d64560390372e2aa197ce9dd4a3f06a44 \
    --hash=sha256:f729cfdbd36fd99d543b67a914d2de044c84ebe45be8b34902b299b608c15c8f
LOCK

# What the lock names is there, in those versions, and loads.
is_ready() {
  "$python" - "$lock" <<'PYTHON'
import importlib, importlib.metadata, re, sys

for name, version in re.findall(r"^([\w-]+)==([^ ;]+)", open(sys.argv[1]).read(), re.MULTILINE):
    met = importlib.metadata.version(name)
    if met != version:
        sys.exit(f"{name}: expected {version}, got {met}")
    importlib.import_module(name)
PYTHON
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# The image's packages by their names: https://docs.aws.amazon.com/linux/al2023/ug/python.html
need_python() {
  if "$python" -m pip --version >/dev/null 2>&1; then return; fi
  [ "$python" = python3.11 ] || refuse 69 "$python: expected a Python 3.11 with pip, found none; install it and run again"
  say "installing python3.11-pip"
  as_root dnf install --assumeyes --quiet python3.11 python3.11-pip >&2 ||
    refuse 69 "python3.11-pip: dnf cannot install it, see above; the node has to reach Amazon Linux's repository, by an S3 endpoint or the internet"
}

install() {
  local arguments=(install --quiet --disable-pip-version-check --no-input --no-deps --require-hashes --only-binary=:all:)
  [ -z "$wheels" ] || arguments+=(--no-index --find-links "$wheels")
  # As AWS shows it: into the system's Python, by root. A Python of one's own is its owner's.
  if "$python" -c 'import os, sys, sysconfig; sys.exit(not os.access(sysconfig.get_path("purelib"), os.W_OK))'; then
    "$python" -m pip "${arguments[@]}" --requirement "$lock" >&2
  else
    as_root "$python" -m pip "${arguments[@]}" --requirement "$lock" >&2
  fi
}

umask 022
if command -v "$python" >/dev/null && is_ready 2>/dev/null; then
  say "all is there already"
  exit 0
fi
need_python
met=$("$python" -c 'import sys; print("{}.{}".format(*sys.version_info))')
[ "$met" = 3.11 ] || refuse 69 "$python: expected Python 3.11, got $met; give one with --python"
if [[ $wheels == s3://* ]]; then
  # Where an endpoint is set it is no AWS: an old client would not know the variable, and ask the real one.
  aws s3 cp --recursive --only-show-errors ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} "$wheels/" "$folder/wheels/" >&2 ||
    refuse 69 "$wheels: cannot be fetched, see above; the instance profile needs s3:ListBucket and s3:GetObject there"
  wheels=$folder/wheels
fi
install || refuse 69 "the libraries cannot be installed, see above; a node without internet needs --wheels, with wheels for $(uname -m)"
is_ready || refuse 70 "what was installed does not load, see above; report it with the release's label and $(uname -m)"
say "installed $(sed -n 's/^\([^ ]*==[^ ]*\).*/\1/p' "$lock" | tr '\n' ' ')into $python"
