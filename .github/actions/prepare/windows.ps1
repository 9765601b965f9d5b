# LLVM, Ninja and ccache by version, and Visual Studio's environment (headers, libraries, rc and mt of
# the Windows SDK) for the steps that follow. The compiler is clang-cl.
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

choco install llvm --version=19.1.7 --yes --no-progress --allow-downgrade
choco install ninja --version=1.12.1 --yes --no-progress --allow-downgrade
choco install ccache --version=4.10.2 --yes --no-progress --allow-downgrade

$vswhere = "${env:ProgramFiles(x86)}\Microsoft Visual Studio\Installer\vswhere.exe"
$studio = & $vswhere -latest -products * -property installationPath
$target = if ($env:ARCHITECTURE -eq 'arm64') { 'arm64' } else { 'amd64' }
& "$studio\Common7\Tools\Launch-VsDevShell.ps1" -Arch $target -HostArch amd64 -SkipAutomaticLocation

# LLVM first: Visual Studio brings a clang-cl of its own.
$env:Path = "$env:ProgramFiles\LLVM\bin;$env:ProgramData\chocolatey\bin;$env:Path"
foreach ($name in 'INCLUDE', 'LIB', 'LIBPATH', 'WindowsSdkDir', 'VCToolsInstallDir', 'Path') {
  "$name=$([Environment]::GetEnvironmentVariable($name))" >> $env:GITHUB_ENV
}
"CC=clang-cl" >> $env:GITHUB_ENV
"CXX=clang-cl" >> $env:GITHUB_ENV
if ($target -eq 'arm64') {
  "CFLAGS=--target=arm64-pc-windows-msvc" >> $env:GITHUB_ENV
  "CXXFLAGS=--target=arm64-pc-windows-msvc" >> $env:GITHUB_ENV
}
clang-cl --version
