using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace VpsAdmin.Server.Data.Migrations
{
    /// <inheritdoc />
    public partial class VpsesThatRun : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "CpuLimit",
                table: "Vpses",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "ExpirationDate",
                table: "Vpses",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "IpAddresses",
                table: "Vpses",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<bool>(
                name: "IsRunning",
                table: "Vpses",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "Load",
                table: "Vpses",
                type: "REAL",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "MaintenanceWindows",
                table: "Vpses",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<long>(
                name: "Memory",
                table: "Vpses",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "ProcessCount",
                table: "Vpses",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "ProcessLimit",
                table: "Vpses",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "State",
                table: "Vpses",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "StatusSequence",
                table: "Vpses",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<DateTime>(
                name: "StatusTime",
                table: "Vpses",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Template",
                table: "Vpses",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "Uptime",
                table: "Vpses",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "UsedMemory",
                table: "Vpses",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Nonce",
                table: "Transactions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Secret",
                table: "Transactions",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "SentBytes",
                table: "Transactions",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "RunsVpses",
                table: "Nodes",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "StreamAddress",
                table: "Nodes",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "VpsRefusal",
                table: "Nodes",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "VpsTemplates",
                table: "Nodes",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.CreateTable(
                name: "SpaceSamples",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    DatasetId = table.Column<long>(type: "INTEGER", nullable: true),
                    PoolId = table.Column<long>(type: "INTEGER", nullable: true),
                    At = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Used = table.Column<long>(type: "INTEGER", nullable: false),
                    Available = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SpaceSamples", x => x.Id);
                    table.ForeignKey(
                        name: "FK_SpaceSamples_Datasets_DatasetId",
                        column: x => x.DatasetId,
                        principalTable: "Datasets",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_SpaceSamples_Pools_PoolId",
                        column: x => x.PoolId,
                        principalTable: "Pools",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "VpsStatuses",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    VpsId = table.Column<long>(type: "INTEGER", nullable: false),
                    IsRunning = table.Column<bool>(type: "INTEGER", nullable: false),
                    Uptime = table.Column<long>(type: "INTEGER", nullable: true),
                    ProcessCount = table.Column<int>(type: "INTEGER", nullable: true),
                    UsedMemory = table.Column<long>(type: "INTEGER", nullable: true),
                    Load = table.Column<double>(type: "REAL", nullable: true),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_VpsStatuses", x => x.Id);
                    table.ForeignKey(
                        name: "FK_VpsStatuses_Vpses_VpsId",
                        column: x => x.VpsId,
                        principalTable: "Vpses",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                });

            migrationBuilder.CreateIndex(
                name: "IX_SpaceSamples_At",
                table: "SpaceSamples",
                column: "At");

            migrationBuilder.CreateIndex(
                name: "IX_SpaceSamples_DatasetId",
                table: "SpaceSamples",
                column: "DatasetId");

            migrationBuilder.CreateIndex(
                name: "IX_SpaceSamples_PoolId",
                table: "SpaceSamples",
                column: "PoolId");

            migrationBuilder.CreateIndex(
                name: "IX_VpsStatuses_VpsId_CreatedAt",
                table: "VpsStatuses",
                columns: new[] { "VpsId", "CreatedAt" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "SpaceSamples");

            migrationBuilder.DropTable(
                name: "VpsStatuses");

            migrationBuilder.DropColumn(
                name: "CpuLimit",
                table: "Vpses");

            migrationBuilder.DropColumn(
                name: "ExpirationDate",
                table: "Vpses");

            migrationBuilder.DropColumn(
                name: "IpAddresses",
                table: "Vpses");

            migrationBuilder.DropColumn(
                name: "IsRunning",
                table: "Vpses");

            migrationBuilder.DropColumn(
                name: "Load",
                table: "Vpses");

            migrationBuilder.DropColumn(
                name: "MaintenanceWindows",
                table: "Vpses");

            migrationBuilder.DropColumn(
                name: "Memory",
                table: "Vpses");

            migrationBuilder.DropColumn(
                name: "ProcessCount",
                table: "Vpses");

            migrationBuilder.DropColumn(
                name: "ProcessLimit",
                table: "Vpses");

            migrationBuilder.DropColumn(
                name: "State",
                table: "Vpses");

            migrationBuilder.DropColumn(
                name: "StatusSequence",
                table: "Vpses");

            migrationBuilder.DropColumn(
                name: "StatusTime",
                table: "Vpses");

            migrationBuilder.DropColumn(
                name: "Template",
                table: "Vpses");

            migrationBuilder.DropColumn(
                name: "Uptime",
                table: "Vpses");

            migrationBuilder.DropColumn(
                name: "UsedMemory",
                table: "Vpses");

            migrationBuilder.DropColumn(
                name: "Nonce",
                table: "Transactions");

            migrationBuilder.DropColumn(
                name: "Secret",
                table: "Transactions");

            migrationBuilder.DropColumn(
                name: "SentBytes",
                table: "Transactions");

            migrationBuilder.DropColumn(
                name: "RunsVpses",
                table: "Nodes");

            migrationBuilder.DropColumn(
                name: "StreamAddress",
                table: "Nodes");

            migrationBuilder.DropColumn(
                name: "VpsRefusal",
                table: "Nodes");

            migrationBuilder.DropColumn(
                name: "VpsTemplates",
                table: "Nodes");
        }
    }
}
